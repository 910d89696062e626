"""Columns that somebody has begun to fill in after the event."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from ml_services import registry
from ml_services.base import Trained, TrainingOptions
from tests.ml_services.synthetic import customers, data

ROWS = 1_500


def rows(since: float, *, known: str) -> dict[str, Any]:
    """Customers by day, with a column that is empty until `since` (a share of the rows) and then is filled in: `after`
    for those who left, `honest` for anybody."""
    columns: dict[str, Any] = dict(customers(ROWS, 3))
    rng = np.random.default_rng(3)
    columns["day"] = [f"{date(2026, 1, 1) + timedelta(days=k * 300 // ROWS)}" for k in range(ROWS)]
    left = np.array(columns["left"]) == "yes"
    filled = (np.arange(ROWS) >= since * ROWS) & (left if known == "after" else rng.random(ROWS) < 0.3)
    columns["note"] = ["X9" if one else None for one in filled]
    return columns


def trained(columns: dict[str, Any], **more: Any) -> Trained:
    options = TrainingOptions(target="left", time_column="day", budget_s=3.0, **more)
    return registry.predictor("churn").train(data(columns), options)


def note(card: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in card["columns"] if one["name"] == "note")
    return found


def test_one_that_tells_the_answer_of_the_newest_rows_alone_is_taken_out() -> None:
    for since in (0.8, 0.93):
        column = note(trained(rows(since, known="after")).card)
        assert not column["used"]
        assert "newest rows" in column["reason"]


def test_a_new_column_that_is_known_of_anybody_stays() -> None:
    assert note(trained(rows(0.8, known="honest")).card)["used"]


def test_a_person_may_let_it_in() -> None:
    assert note(trained(rows(0.8, known="after"), allow_leaky=("note",)).card)["used"]
