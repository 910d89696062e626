"""The whole way of a row with the real encoder and boosters: record, records and table give one answer."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import pyarrow as pa
import pytest
import xgboost as xgb

from ml_services.base import RecordInvalid
from ml_services.customer_fields import CONTRACTS, CUSTOMER_FIELDS, PLANS
from ml_services.encoding import Encoder
from ml_services.predictors.churn import ChurnAnswer
from ml_services.scorers import Blend, LightGBMScorer, XGBoostScorer
from ml_services.tabular import TabularModel
from tests.ml_services.rows import Logistic

ROWS = 240


def customers() -> pa.Table:
    """Customers as a file spells them, blanks among the columns that may be blank."""
    rng = np.random.default_rng(5)
    columns: dict[str, list[str]] = {}
    for field in CUSTOMER_FIELDS:
        if field.kind == "number":
            values = [f"{value:.1f}" for value in rng.uniform(0, 10, ROWS)]
        else:
            choices = {"plan": PLANS, "contract": CONTRACTS, "country": ("DE", "US", "FR")}
            values = rng.choice(choices.get(field.name, ("yes", "no")), ROWS).tolist()
        blank = rng.random(ROWS) < (0.2 if field.nullable else 0.0)
        columns[field.name] = ["" if empty else value for empty, value in zip(blank, values, strict=True)]
    return pa.table(columns)


@pytest.fixture(scope="module")
def model() -> TabularModel:
    table = customers()
    encoder = Encoder.declared(CUSTOMER_FIELDS, table)
    X, _, _ = encoder.encode_table(table)
    y = (np.nan_to_num(X[:, 0]) + np.random.default_rng(1).normal(size=ROWS) > 5).astype(float)
    params = {"objective": "binary", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 5}
    light = LightGBMScorer(lgb.train(params, lgb.Dataset(X, y), 20))
    heavy = XGBoostScorer(xgb.train({"objective": "binary:logistic", "nthread": 1}, xgb.DMatrix(X, y), 20))
    return TabularModel(encoder, Blend([light, heavy], [0.6, 0.4]), Logistic(), ChurnAnswer((0.3, 0.6)))  # type: ignore[arg-type]


def record_of(row: dict[str, Any]) -> dict[str, Any]:
    numbers = {field.name for field in CUSTOMER_FIELDS if field.kind == "number"}
    return {k: (float(v) if k in numbers else v) if v else None for k, v in row.items()}


def test_record_records_and_table_give_one_answer(model: TabularModel) -> None:
    table = customers().slice(0, 40)
    records = [record_of(row) for row in table.to_pylist()]
    found = model.answer_table(table, explain=True)
    together = model.answers(records, explain=True)
    assert found.positions.tolist() == list(range(40))
    for j, record in enumerate(records):
        alone = model.answer(record, explain=True)
        assert alone["probability"] == pytest.approx(found.columns["probability"][j].as_py(), abs=1e-12)
        assert alone["probability"] == pytest.approx(together[j]["probability"], abs=1e-12)  # type: ignore[index]
        total = alone["base"] + sum(reason["effect"] for reason in alone["reasons"]) + alone["other_effects"]
        assert total == pytest.approx(alone["raw"], abs=1e-6)


def test_explaining_does_not_change_the_probability(model: TabularModel) -> None:
    record = record_of(customers().slice(3, 1).to_pylist()[0])
    assert model.answer(record, explain=True)["probability"] == model.answer(record, explain=False)["probability"]


def test_a_bad_record_names_every_bad_field(model: TabularModel) -> None:
    record = record_of(customers().slice(0, 1).to_pylist()[0]) | {"tenure_months": -5, "nps": "high", "shoe": 1}
    with pytest.raises(RecordInvalid) as caught:
        model.answer(record, explain=False)
    assert {problem.field for problem in caught.value.problems} == {"tenure_months", "nps", "shoe"}


def test_examples_of_the_declared_fields_are_answered(model: TabularModel) -> None:
    answer = model.answer({field.name: field.example for field in CUSTOMER_FIELDS}, explain=True)
    assert 0 < answer["probability"] < 1
    assert answer["risk"] in ("low", "medium", "high")
