"""Names by rule."""

from __future__ import annotations

import numpy as np
import pytest

from ml_services.segmentation.personas import MAIN, find_roles, name_by_columns, name_by_role, plain
from ml_services.segmentation.space import Axis


def axis(field: str, level: int = -1) -> Axis:
    return Axis(0, field, 0.0, level, 0.0, 1.0)


ROLES = {"recency": 0, "frequency": 1, "monetary": 2, "tenure": 3}
SEEN = np.array([
    [-0.8, 0.9, 1.4, 0.2], [-0.6, 0.5, 0.2, 1.0], [-0.7, -0.7, -0.6, -1.6], [0.9, 0.3, 0.3, 0.3], [1.3, -1.0, -1.1, 0],
])  # fmt: skip


def test_typical_centres_get_the_names_of_the_trade() -> None:
    assert [name for name, _ in name_by_role(SEEN, ROLES)] == [persona.name for persona in MAIN]


@pytest.mark.parametrize("k", [2, 7, 14])
def test_all_names_differ(k: int) -> None:
    centres = np.random.default_rng(k).normal(size=(k, 4))
    names = [name for name, _ in name_by_role(centres, ROLES)]
    assert len(set(names)) == k
    assert all(names)


def test_roles_are_found_by_name() -> None:
    axes = [axis("Days since last order"), axis("Number of orders"), axis("Total_Spent"), axis("customerSince")]
    assert find_roles(axes[:3]) == {"recency": 0, "frequency": 1, "monetary": 2}
    assert find_roles([axis("age"), axis("Spending Score (1-100)")]) == {}


def test_other_columns_are_told_as_high_and_low() -> None:
    axes = [axis("Annual Income (k$)"), axis("spendingScore"), axis("noise")]
    centres = np.array([[1.0, -1.0, 0.0], [1.0, 1.0, 0.0], [-1.5, 1.0, 0.1], [0.0, 0.0, 0.0]])
    assert name_by_columns(centres, axes, ["", "", ""]) == [
        "High annual income, low spending score",
        "High annual income, high spending score",
        "Very low annual income, high spending score",
        "Average annual income, average spending score",
    ]


def test_categories_name_segments_where_numbers_do_not() -> None:
    axes = [Axis(0, "region", 0.0, level, 0.5, 1.0) for level in (0, 1)]
    names = name_by_columns(np.array([[0.4, -0.4], [-0.4, 0.4], [-0.4, 0.4]]), axes, ["north", "south"])
    assert names == ["Region mostly north", "Region mostly south (1)", "Region mostly south (2)"]


def test_a_column_is_called_in_words() -> None:
    assert plain("Annual_Income (k$)") == "annual income"
    assert plain("lastOrderValue") == "last order value"
    assert plain("(%)") == "(%)"
