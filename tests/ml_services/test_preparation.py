"""Of files larger than any budget can learn from, an even part is taken, and the notes say so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ml_services import preparation
from ml_services.base import TrainingOptions
from ml_services.predictors.churn import Churn
from ml_services.preparation import Prepared, prepare
from tests.ml_services.synthetic import customers, data

ROWS = 3_000
OPTIONS = TrainingOptions(target="left")


def prepared(columns: dict[str, Any], options: TrainingOptions = OPTIONS) -> Prepared:
    return prepare(Churn(), data(columns), options)


def test_an_ordinary_file_is_taken_whole() -> None:
    found = prepared(customers(ROWS))
    assert len(found.target.y) == len(found.problem.y) == ROWS
    assert not any("were taken" in note for note in found.notes)


def test_a_large_file_gives_an_even_part_with_its_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "ENOUGH_RARER", 50)
    monkeypatch.setattr(preparation, "MOST_CELLS", 5 * 600)
    columns = customers(ROWS)
    found = prepared(columns)
    assert len(found.target.y) == len(found.problem.X) == found.table.num_rows == 600
    assert [columns["left"][row] == "yes" for row in found.target.kept] == (found.target.y == 1).tolist()
    assert [columns["tenure"][row] for row in found.target.kept] == found.table.column("tenure").to_pylist()
    assert "600 of 3,000 rows were taken, drawn evenly" in " ".join(found.notes)


def test_a_rare_class_keeps_enough_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "ENOUGH_RARER", 100)
    monkeypatch.setattr(preparation, "MOST_CELLS", 5 * 600)
    columns = customers(ROWS)
    columns["left"] = ["yes" if row % 20 == 0 else "no" for row in range(ROWS)]
    found = prepared(columns)
    assert len(found.target.y) == preparation.MOST_TIMES * 600
    assert found.target.rarer == pytest.approx(90, abs=20)


def test_long_free_texts_are_read_only_as_far_as_the_budget_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "ENOUGH_RARER", 50)
    monkeypatch.setattr(preparation, "CHARACTERS_A_SECOND", 10_000)
    words = np.array(["late", "delivery", "broken", "support", "slow", "invoice", "wrong", "price", "refund", "new"])
    rng = np.random.default_rng(0)
    columns = customers(ROWS) | {"note": [" ".join(words[rng.integers(0, len(words), 20)]) for _ in range(ROWS)]}
    few, more = (prepared(columns, TrainingOptions(target="left", budget_s=seconds)) for seconds in (30.0, 60.0))
    assert len(few.target.y) < len(more.target.y) < ROWS
    assert len(more.target.y) == pytest.approx(2 * len(few.target.y), rel=0.02)
