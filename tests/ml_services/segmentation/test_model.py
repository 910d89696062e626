"""Answers of learned segments: one, many and tables alike, with exact reasons, in microseconds."""

from __future__ import annotations

import pickle
import time
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ml_services.base import TrainingData, TrainingOptions
from ml_services.predictors.segment import SegmentPredictor
from platform_core.errors import RecordInvalid
from tests.ml_services.segmentation.people import RECORD, customers


@pytest.fixture(scope="module")
def model() -> Any:
    return SegmentPredictor().train(TrainingData(customers()[0], "file.csv", "0" * 64), TrainingOptions()).model


def test_an_answer_names_the_segment(model: Any) -> None:
    answer = model.answer(RECORD, explain=False)
    assert set(answer) == {output.name for output in SegmentPredictor.outputs}
    assert answer["persona"] == "High-value engaged"
    assert 0 <= answer["confidence"] <= 1


def test_effects_sum_to_the_margin_over_the_next_segment(model: Any) -> None:
    answer = model.answer(RECORD, explain=True)
    assert answer["base"] == 0
    effects = sum(reason["effect"] for reason in answer["reasons"]) + answer["other_effects"]
    assert effects == pytest.approx(answer["raw"], abs=1e-9)
    z = model.space.one(model.encoder.encode_one(RECORD))
    distances = sorted(sum((a - b) ** 2 for a, b in zip(z, s.centre, strict=True)) for s in model.segments)
    assert answer["raw"] == pytest.approx(distances[1] - distances[0])


def test_one_many_and_table_agree(model: Any) -> None:
    table, _ = customers(60, seed=3)
    records = [{name: float(value) for name, value in row.items()} for row in table.to_pylist()]
    rows = model.answer_table(table, explain=True)
    singles = [model.answer(record, explain=True) for record in records]
    for name in ("segment", "persona", "description"):
        assert rows.columns[name].to_pylist() == [single[name] for single in singles]
    for name in ("raw", "confidence"):
        assert np.allclose(rows.columns[name].to_numpy(), [single[name] for single in singles], atol=1e-9)
    assert [one["segment"] for one in model.answers(records, explain=False)] == [one["segment"] for one in singles]


def test_a_bad_record_is_refused_and_a_bad_row_rejected(model: Any) -> None:
    with pytest.raises(RecordInvalid, match="frequency"):
        model.answer({**RECORD, "frequency": "many"}, explain=False)
    table = pa.Table.from_pylist([{name: str(value) for name, value in RECORD.items()}] * 2)
    table = table.set_column(1, "frequency", pa.array(["28", "many"]))
    rows = model.answer_table(table, explain=False)
    assert rows.positions.tolist() == [0]
    assert [reject.position for reject in rows.rejects] == [1]


def test_a_stored_model_answers_the_same(model: Any) -> None:
    again = pickle.loads(pickle.dumps(model))  # noqa: S301 - our own
    assert again.answer(RECORD, explain=True) == model.answer(RECORD, explain=True)


def test_one_record_takes_microseconds(model: Any) -> None:
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(100):
            model.answer(RECORD, explain=False)
        best = min(best, (time.perf_counter() - started) / 100)
    assert best < 200e-6
