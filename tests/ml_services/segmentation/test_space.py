"""Scales of columns, alike for one row and many."""

from __future__ import annotations

import numpy as np
import pytest

from ml_services.encoding import Feature
from ml_services.segmentation.space import FARTHEST, FEW_VALUES_WEIGHT, Space

RNG = np.random.default_rng(0)
N = 1000
FEATURES = (
    Feature("age", "age", "number"),
    Feature("spent", "spent", "number"),
    Feature("channel", "channel", "number"),
    Feature("region", "region", "category", ("north", "south", "west")),
    Feature("same", "same", "number"),
)
X = np.column_stack([
    RNG.normal(40, 10, N), RNG.lognormal(5, 1.5, N), RNG.integers(1, 3, N), RNG.integers(0, 3, N), np.full(N, 7.0),
])  # fmt: skip
X[::50, :2] = np.nan
SPACE = Space.fit(FEATURES, X)


def test_a_skewed_column_is_taken_on_a_logarithmic_scale_and_others_are_not() -> None:
    units = {axis.field: axis.unit for axis in SPACE.axes}
    assert units["spent"] > 0
    assert units["age"] == 0


def test_a_constant_column_has_no_axis() -> None:
    assert "same" not in {axis.field for axis in SPACE.axes}


def test_numbers_have_unit_spread_and_few_values_and_levels_count_less() -> None:
    Z = SPACE.many(X)
    spread = dict.fromkeys(("age", "spent", "channel", "region"), 0.0)
    for axis, part in zip(SPACE.axes, Z.var(axis=0), strict=True):
        spread[axis.field] += part
    assert spread["age"] == pytest.approx(1, abs=0.05)
    assert spread["spent"] == pytest.approx(1, abs=0.25)
    assert spread["channel"] == pytest.approx(FEW_VALUES_WEIGHT**2, rel=0.01)
    assert spread["region"] == pytest.approx(FEW_VALUES_WEIGHT**2, rel=0.01)


def test_one_row_equals_many() -> None:
    Z = SPACE.many(X[:60])
    assert np.allclose(Z, [SPACE.one(row) for row in X[:60].tolist()], atol=1e-12)


def test_missing_lies_in_the_middle_and_outliers_end() -> None:
    row = [float("nan"), 1e300, float("nan"), float("nan"), 7.0]
    found = dict(zip([axis.field for axis in SPACE.axes], SPACE.one(row), strict=True))
    assert found == {"age": 0.0, "spent": FARTHEST, "channel": 0.0, "region": 0.0}


def test_a_coordinate_can_be_undone() -> None:
    for axis in SPACE.axes[:2]:
        assert axis.undo(axis.one(47.0)) == pytest.approx(47.0)
