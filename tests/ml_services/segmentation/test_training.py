"""Segments of a made-up shop, and of real files: learned, told, learned again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ml_services.base import Model, Trained, TrainingData, TrainingOptions
from ml_services.predictors.segment import SegmentPredictor
from platform_core.errors import InputInvalid, RecordInvalid, TrainingRefused
from tests.ml_services.lifetime import shop
from tests.ml_services.real_files import real_table
from tests.ml_services.segmentation.people import GROUPS, RECORD, customers

PERSONAS = {
    "best": "High-value engaged",
    "regular": "Loyal regulars",
    "new": "New",
    "fading": "At risk",
    "gone": "Dormant",
}


def train(table: pa.Table, options: TrainingOptions | None = None) -> Trained:
    return SegmentPredictor().train(TrainingData(table, "file.csv", "0" * 64), options or TrainingOptions())


def labels(model: Model, table: pa.Table, column: str = "segment") -> list[str]:
    answered = model.answer_table(table, explain=False)
    assert len(answered.positions) == table.num_rows
    found: list[str] = answered.columns[column].to_pylist()
    return found


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train(customers()[0])


@pytest.fixture(scope="module")
def model(trained: Trained) -> Any:
    return trained.model


def test_groups_that_are_there_are_found_and_called_by_their_names(trained: Trained) -> None:
    table, group = customers(seed=5)
    assert trained.card["metrics"]["k"] == len(GROUPS)
    assert trained.card["metrics"]["stability"] > 0.9
    right = [PERSONAS[name] for name in group]
    assert np.mean([a == b for a, b in zip(labels(trained.model, table, "persona"), right, strict=True)]) > 0.97


def test_ids_stay_when_the_same_population_is_learned_again(model: Any) -> None:
    table, _ = customers(600, seed=9)
    again = train(table, TrainingOptions(previous=model, seed=7)).model
    test, _ = customers(300, seed=11)
    assert np.mean([a == b for a, b in zip(labels(model, test), labels(again, test), strict=True)]) > 0.97


def test_a_segment_that_is_gone_leaves_its_id_unused(model: Any) -> None:
    table, group = customers(600, seed=9)
    rest = table.filter(pa.array([name != "new" for name in group]))
    again: Any = train(rest, TrainingOptions(previous=model)).model
    gone = next(s.id for s in model.segments if s.persona == "New")
    assert {s.id for s in again.segments} == {s.id for s in model.segments} - {gone}
    later = pa.array([f"{float(x) + 9000:.2f}" for x in table["recency_days"].to_pylist()])
    shifted = table.set_column(0, "recency_days", later)
    moved: Any = train(shifted, TrainingOptions(previous=model)).model
    assert min(int(s.id[1:]) for s in moved.segments) > len(model.segments)


def test_the_same_file_gives_the_same_segments(model: Any) -> None:
    again: Any = train(customers()[0]).model
    assert again.segments == model.segments


def test_the_declared_fields_stand_beside_the_others_of_a_customer() -> None:
    declared: Any = train(customers()[0], TrainingOptions(declared=True, settings={"k": 5})).model
    full = {**RECORD, "plan": "Basic", "nps": 3}
    assert declared.answer(full, explain=False)["segment"] == declared.answer(RECORD, explain=False)["segment"]
    with pytest.raises(RecordInvalid, match="plann"):
        declared.answer({**RECORD, "plann": "Basic"}, explain=False)


def test_purchases_are_made_into_customers() -> None:
    purchases = shop.table(shop.visits(300, 200))
    options = TrainingOptions(target="amount", id_column="customer_id", time_column="date")
    trained = train(purchases, options)
    assert {field.name for field in trained.model.fields} == {
        "frequency", "recency_days", "age_days", "monetary_mean",
    }  # fmt: skip
    assert any("made into 300 customers" in note for note in trained.card["notes"])


def test_free_text_ids_and_excluded_columns_are_left_out() -> None:
    table, _ = customers()
    words = (
        "the delivery came late again and nobody answered",
        "all fine",
        "would like another colour next time please",
    )
    table = table.append_column("customer_id", pa.array([f"C{k:04d}" for k in range(table.num_rows)]))
    table = table.append_column("note", pa.array([f"{words[k % 3]} {k * 37 % 101} {k}" for k in range(table.num_rows)]))
    found = train(table, TrainingOptions(exclude=("tenure_months",)))
    assert {c["name"]: c["used"] for c in found.card["columns"]} == {
        "recency_days": True, "frequency": True, "monetary": True, "tenure_months": False, "customer_id": False,
        "note": False,
    }  # fmt: skip


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(TrainingRefused, match="at least 30 rows"):
        train(customers(29)[0])


def test_nothing_to_tell_customers_apart_is_refused() -> None:
    with pytest.raises(TrainingRefused, match="No column is left"):
        train(pa.table({"a": ["1"] * 50, "b": ["x"] * 50}))


@pytest.mark.parametrize("k", [1, 21, "five"])
def test_a_wrong_number_of_segments_is_refused(k: Any) -> None:
    with pytest.raises(InputInvalid, match="k must be"):
        train(customers()[0], TrainingOptions(settings={"k": k}))


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(TrainingRefused, match="colour"):
        train(customers()[0], TrainingOptions(exclude=("colour",)))


def test_mall_customers_fall_into_five_segments() -> None:
    table = real_table("segmentation/mall_customers.csv").select([0, 3, 4])
    metrics = train(table).card["metrics"]
    assert metrics["k"] == 5
    assert metrics["silhouette"] == pytest.approx(0.555, abs=0.005)
    assert metrics["stability"] > 0.9


def test_wholesale_customers_are_not_cut_into_outliers() -> None:
    metrics = train(real_table("segmentation/wholesale_customers.csv")).card["metrics"]
    assert metrics["stability"] > 0.8
    assert metrics["smallest_share"] > 0.1
