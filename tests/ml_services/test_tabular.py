"""The model of a row predictor: the same answer by record, records and table; reasons that add up."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pytest

from ml_services.base import RecordInvalid
from ml_services.predictors.churn import ChurnAnswer
from ml_services.predictors.plan_tier import PlanAnswer
from ml_services.tabular import TabularModel
from tests.ml_services.rows import BAD, RECORDS, TABLE, FakeEncoder, Logistic, Softmax, scorer

PLANS = PlanAnswer(("Now", "MVP", "Own"), ("500.00", "350.00", None), ("399.00", "399.00", None), "USD")


def model(classes: int = 2) -> TabularModel:
    encoder: Any = FakeEncoder()
    if classes == 2:
        return TabularModel(encoder, scorer(), Logistic(), ChurnAnswer((0.3, 0.6)))
    return TabularModel(encoder, scorer(3), Softmax(), PLANS)


def rounded(number: str) -> float:
    return round(float(number), 9)


GOOD = [position for position in range(len(RECORDS)) if position != BAD]


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("explain", [False, True])
def test_records_are_answered_as_one_by_one(classes: int, explain: bool) -> None:
    together = model(classes).answers(RECORDS, explain=explain)
    assert isinstance(together[BAD], RecordInvalid)
    for position in GOOD:
        alone = model(classes).answer(RECORDS[position], explain=explain)
        assert json.loads(json.dumps(together[position]), parse_float=rounded) == json.loads(
            json.dumps(alone), parse_float=rounded
        )


@pytest.mark.parametrize("classes", [2, 3])
def test_a_table_is_answered_as_its_records(classes: int) -> None:
    found = model(classes).answer_table(TABLE, explain=True)
    assert found.positions.tolist() == GOOD
    assert [reject.position for reject in found.rejects] == [BAD]
    names = {"risk": "risk"} if classes == 2 else {"predicted_package": "predicted_package"}
    for place, position in enumerate(GOOD):
        alone = model(classes).answer(RECORDS[position], explain=True)
        for name in [*names, "probability", "raw", "base", "other_effects"]:
            value = found.columns[name][place].as_py()
            assert value == (pytest.approx(alone[name], abs=1e-9) if isinstance(value, float) else alone[name])
        listed = json.loads(found.columns["reasons"][place].as_py())
        assert [reason["feature"] for reason in listed] == [reason["feature"] for reason in alone["reasons"]]
        assert listed[0]["value"] == TABLE[listed[0]["feature"]][position].as_py()


@pytest.mark.parametrize("classes", [2, 3])
def test_base_and_all_effects_add_up_to_raw(classes: int) -> None:
    for position in GOOD:
        answer = model(classes).answer(RECORDS[position], explain=True)
        total = answer["base"] + sum(reason["effect"] for reason in answer["reasons"]) + answer["other_effects"]
        assert total == pytest.approx(answer["raw"], abs=1e-6)


def test_raw_maps_to_the_probability() -> None:
    answer = model().answer(RECORDS[0], explain=True)
    assert answer["probability"] == pytest.approx(1 / (1 + np.exp(-answer["raw"])))


def test_classes_explain_the_class_answered() -> None:
    answer = model(3).answer(RECORDS[0], explain=True)
    raws = scorer(3).raw_one(FakeEncoder().encode_one(RECORDS[0]))
    assert answer["raw"] == raws.max()
    assert answer["predicted_package"] == PLANS.classes[int(raws.argmax())]


def test_without_explain_there_are_no_reasons() -> None:
    assert set(model().answer(RECORDS[0], explain=False)) == {"probability", "risk"}
    assert set(model().answer_table(TABLE, explain=False).columns) == {"probability", "risk"}


@pytest.mark.parametrize("classes", [2, 3])
def test_a_table_without_good_rows_has_the_same_columns(classes: int) -> None:
    some = model(classes).answer_table(TABLE, explain=True)
    for table in (TABLE.slice(0, 0), TABLE.slice(BAD, 1)):
        none = model(classes).answer_table(table, explain=True)
        assert {name: column.type for name, column in none.columns.items()} == {
            name: column.type for name, column in some.columns.items()
        }
        assert all(len(column) == 0 for column in none.columns.values())


def test_no_records_give_no_answers() -> None:
    assert model().answers([], explain=True) == []
    assert isinstance(model().answers([RECORDS[BAD]], explain=True)[0], RecordInvalid)


def test_a_pickled_model_answers_the_same() -> None:
    again = pickle.loads(pickle.dumps(model()))  # noqa: S301
    again.warm()
    assert again.answer(RECORDS[0], explain=True) == model().answer(RECORDS[0], explain=True)
    assert [field.name for field in again.fields] == ["tenure", "contract", "joined"]
