"""A model of purchases, trained on a made-up shop."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ml_services.base import Trained, TrainingData, TrainingOptions
from ml_services.predictors.clv import Clv
from platform_core.errors import InputInvalid, RecordInvalid, TrainingRefused
from tests.ml_services.lifetime.shop import table, visits

OPTIONS = TrainingOptions(target="amount", settings={"horizon_days": 180, "currency": "eur"})
RECORD = {"frequency": 3, "recency_days": 12, "age_days": 200, "monetary_mean": 31.5}


def train(purchases: pa.Table, options: TrainingOptions = OPTIONS) -> Trained:
    return Clv().train(TrainingData(purchases, "shop.csv", "0" * 64), options)


@pytest.fixture(scope="module")
def shop() -> pa.Table:
    return table(visits(900, 360))


@pytest.fixture(scope="module")
def trained(shop: pa.Table) -> Trained:
    return train(shop)


@pytest.fixture(scope="module")
def model(trained: Trained) -> Any:
    return trained.model


def test_an_answer_is_an_amount_with_its_interval(model: Any) -> None:
    answer = model.answer(RECORD, explain=False)
    assert set(answer) == {output.name for output in Clv.outputs}
    assert answer["currency"] == "EUR"
    assert answer["horizon_days"] == 180
    ends = answer["interval"]
    assert 0 <= float(ends["low"]) <= float(answer["value"]) <= float(ends["high"])


def test_base_and_effects_give_the_raw_score(model: Any) -> None:
    answer = model.answer(RECORD, explain=True)
    effects = sum(reason["effect"] for reason in answer["reasons"]) + answer["other_effects"]
    assert answer["base"] + effects == pytest.approx(answer["raw"], abs=1e-6)
    assert float(answer["value"]) == pytest.approx(model.calibrator.one(answer["raw"]), abs=0.006)


def test_every_customer_gets_a_value_one_time_buyers_included(model: Any, shop: pa.Table) -> None:
    answers, rejects = model.answer_transactions(shop)
    assert rejects == []
    assert sorted(answers["customer_id"].to_pylist()) == sorted(set(shop["customer_id"].to_pylist()))
    values = np.array(answers["prediction_value"].to_pylist(), dtype=float)
    assert np.isfinite(values).all()
    assert (values >= 0).all()
    once = np.array(answers["frequency"].to_pylist()) == 0
    assert once.any()
    assert values[~once].mean() > values[once].mean() > 0


def test_a_row_a_purchase_gets_the_answer_of_its_customer(model: Any, shop: pa.Table) -> None:
    spoiled = pa.table(
        {name: ["", *column.to_pylist()] for name, column in zip(shop.column_names, shop.columns, strict=True)}
    )
    rows = model.answer_table(spoiled, explain=False)
    assert {reject.position for reject in rows.rejects} == {0}
    assert rows.positions.tolist() == list(range(1, spoiled.num_rows))
    answers, _ = model.answer_transactions(shop)
    told = dict(zip(answers["customer_id"].to_pylist(), answers["prediction_value"].to_pylist(), strict=True))
    assert rows.columns["value"].to_pylist() == [told[name] for name in shop["customer_id"].to_pylist()]


def test_one_many_and_table_agree(model: Any, shop: pa.Table) -> None:
    answers, _ = model.answer_transactions(shop)
    customers = answers.select([field.name for field in model.fields]).slice(0, 40)
    records = [{**row, "frequency": int(row["frequency"])} for row in customers.to_pylist()]
    from_table = model.answer_table(customers, explain=True)
    singles = [model.answer(record, explain=True) for record in records]
    assert from_table.columns["value"].to_pylist() == [single["value"] for single in singles]
    assert from_table.columns["interval_high"].to_pylist() == [single["interval"]["high"] for single in singles]
    assert np.allclose(from_table.columns["raw"].to_numpy(), [single["raw"] for single in singles], atol=1e-9)
    assert [one["value"] for one in model.answers(records, explain=False)] == [single["value"] for single in singles]


def test_a_customer_last_seen_before_the_first_time_is_refused(model: Any) -> None:
    impossible = {**RECORD, "recency_days": 300}
    with pytest.raises(RecordInvalid, match="recency_days"):
        model.answer(impossible, explain=False)
    found = model.answers([RECORD, impossible], explain=False)
    assert isinstance(found[1], RecordInvalid)
    rows = model.answer_table(pa.Table.from_pylist([RECORD, impossible]), explain=False)
    assert rows.positions.tolist() == [0]
    assert [reject.position for reject in rows.rejects] == [1]


def test_a_stored_model_answers_the_same(model: Any) -> None:
    again = pickle.loads(pickle.dumps(model))  # noqa: S301 - our own
    again.warm()
    assert again.answer(RECORD, explain=True) == model.answer(RECORD, explain=True)


def test_the_same_file_gives_the_same_model(trained: Trained, shop: pa.Table) -> None:
    again = train(shop)
    assert again.model.answer(RECORD, explain=True) == trained.model.answer(RECORD, explain=True)
    for name in ("metrics", "champion", "strongest_features", "notes"):
        assert again.card[name] == trained.card[name]


def test_the_card_says_what_was_measured_and_how_errors_are_traded(trained: Trained) -> None:
    card = trained.card
    for name in ("mae", "rmse", "spearman", "top_decile_capture", "interval_coverage", "total_ratio"):
        assert card["metrics"][name] is not None
    assert card["metrics"]["spearman"] > card["single_column_rule"]["spearman"] > 0
    assert card["champion"] in {candidate["name"] for candidate in card["candidates"]}
    assert {column["name"]: column["used"] for column in card["columns"]} == dict.fromkeys(
        ("customer_id", "date", "amount"), True
    )
    assert any("mean absolute error" in note for note in card["notes"])
    assert trained.evidence == card["evidence"] != "provisional"


def test_too_few_who_came_back_are_refused_with_the_number_lacking() -> None:
    rows = [(customer, day, 5.0) for customer in range(4) for day in range(0, 360, 30)]
    with pytest.raises(TrainingRefused, match="so 6 more"):
        train(table(rows))


def test_a_few_days_of_purchases_are_refused() -> None:
    with pytest.raises(TrainingRefused, match="span 5 days"):
        train(table([(customer, day, 5.0) for customer in range(50) for day in range(5)]))


@pytest.mark.parametrize("wrong", [{"horizon_days": 0}, {"horizon_days": "soon"}, {"currency": "euros"}])
def test_wrong_settings_are_refused(wrong: dict[str, Any], shop: pa.Table) -> None:
    with pytest.raises(InputInvalid, match=next(iter(wrong))):
        train(shop, TrainingOptions(target="amount", settings=wrong))
