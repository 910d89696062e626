"""Several models answering one record."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from ml_services.base import Field, RecordInvalid
from ml_services.predictors.churn import ChurnAnswer
from ml_services.predictors.comprehensive import Comprehensive
from ml_services.tabular import TabularModel
from tests.ml_services.rows import BAD, RECORDS, TABLE, FakeEncoder, Logistic, scorer


class OnlyTenure(FakeEncoder):
    """Asks for less, and in stricter words."""

    fields = (Field("tenure", "number", "another description"), Field("contract", "category"), Field("joined", "date"))


def part(encoder: Any, cuts: tuple[float, float] = (0.3, 0.6)) -> TabularModel:
    return TabularModel(encoder, scorer(), Logistic(), ChurnAnswer(cuts))


@pytest.fixture
def parts() -> dict[str, TabularModel]:
    return {"clv": part(FakeEncoder()), "churn": part(OnlyTenure(), (0.1, 0.2))}


def test_every_part_answers_as_it_does_alone(parts: dict[str, TabularModel]) -> None:
    answer = Comprehensive().compose(parts).answer(RECORDS[0], explain=True)
    for name, model in parts.items():
        assert answer[name] == model.answer(RECORDS[0], explain=True)
    assert {reason["part"] for reason in answer["reasons"]} == {"clv", "churn"}
    assert set(Comprehensive().compose(parts).answer(RECORDS[0], explain=False)) == {"clv", "churn"}


def test_fields_are_the_union_as_first_described(parts: dict[str, TabularModel]) -> None:
    fields = Comprehensive().compose(parts).fields
    assert [field.name for field in fields] == ["tenure", "contract", "joined"]
    assert fields[0].description == ""


def test_errors_of_all_parts_are_told_once_with_unknown_fields(parts: dict[str, TabularModel]) -> None:
    with pytest.raises(RecordInvalid) as caught:
        Comprehensive().compose(parts).answer({**RECORDS[BAD], "shoe_size": 3}, explain=False)
    assert sorted((problem.field, problem.code) for problem in caught.value.problems) == [
        ("shoe_size", "unknown"),
        ("tenure", "out_of_range"),
    ]


def test_a_column_that_a_part_does_not_look_at_is_no_error(parts: dict[str, TabularModel]) -> None:
    joined = Comprehensive().compose(parts)
    with_id = joined.answer({**RECORDS[0], "customer_id": "C-1"}, explain=False)
    assert with_id == joined.answer(RECORDS[0], explain=False)


def test_a_bad_record_leaves_the_others_answered(parts: dict[str, TabularModel]) -> None:
    answers = Comprehensive().compose(parts).answers(RECORDS, explain=False)
    assert [isinstance(answer, RecordInvalid) for answer in answers] == [j == BAD for j in range(len(RECORDS))]


def test_a_table_gets_prefixed_columns_and_each_reject_once(parts: dict[str, TabularModel]) -> None:
    found = Comprehensive().compose(parts).answer_table(TABLE, explain=False)
    assert found.positions.tolist() == [0, 1, 3, 4]
    assert [reject.position for reject in found.rejects] == [BAD]
    assert set(found.columns) == {"clv_probability", "clv_risk", "churn_probability", "churn_risk"}
    assert isinstance(found.columns["clv_risk"], pa.Array)
    assert found.columns["churn_probability"].to_pylist() == pytest.approx(found.columns["clv_probability"].to_pylist())


def test_a_row_that_one_part_rejects_is_answered_by_none(parts: dict[str, TabularModel]) -> None:
    class Strict(FakeEncoder):
        def encode_many(self, records: Any) -> Any:
            X, positions, problems = super().encode_many(records)
            problems.append((0, RecordInvalid([])))
            return X[1:], positions[1:], problems

    found = Comprehensive().compose({**parts, "segment": part(Strict())}).answer_table(TABLE, explain=False)
    assert found.positions.tolist() == [1, 3, 4]
    assert [reject.position for reject in found.rejects] == [0, BAD]
    alone = part(FakeEncoder()).answer_table(TABLE, explain=False).columns["probability"].to_pylist()
    assert found.columns["segment_probability"].to_pylist() == pytest.approx(alone[1:])
