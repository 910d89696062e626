"""Learning from a file of series: what is read, what is refused, and how good it says it is."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ml_services import card as cards
from ml_services.base import Trained, TrainingData, TrainingOptions, silent
from ml_services.forecasting.model import SeriesModel
from ml_services.predictors.sales_forecast import SalesForecast
from platform_core.errors import TrainingRefused
from tests.ml_services.shop_sales import WEEK, dates, one_series, shops


def train(table: pa.Table, **options: Any) -> Trained:
    data = TrainingData(table, "file.csv", "0" * 64)
    return SalesForecast().train(data, TrainingOptions(**options), silent)


SHOPS = TrainingOptions(target="Takings", time_column="Day", id_column="Shop")


@pytest.fixture(scope="module")
def trained() -> Trained:
    return SalesForecast().train(TrainingData(shops(6), "shops.csv", "0" * 64), SHOPS, silent)


def test_the_card_has_what_the_contract_names(trained: Trained) -> None:
    card = json.loads(json.dumps(trained.card, allow_nan=False))
    assert {"smape", "mase", "coverage_80", "coverage_95", "beats_naive"} <= card["metrics"].keys()
    assert card["metrics"]["beats_naive"] is True
    assert card["metrics"]["mase"] < card["guessing"]["mase"]
    assert 0.6 <= card["metrics"]["coverage_80"] <= card["metrics"]["coverage_95"] <= 1
    assert card["holdout"] == {"rows": 6 * 14, "split": "time, the last 14 periods of each series"}
    assert [(c["name"], c["kind"]) for c in card["columns"]] == [("Shop", "id"), ("Day", "date"), ("Takings", "number")]
    assert (card["evidence"], trained.evidence) == ("full", "full")
    assert "chosen" in {one["name"] for one in card["candidates"]}


def test_the_card_can_be_printed(trained: Trained) -> None:
    assert "coverage_80" in cards.render({**trained.card, "version": "1"})


def test_training_twice_gives_the_same(trained: Trained) -> None:
    again = SalesForecast().train(TrainingData(shops(6), "shops.csv", "0" * 64), SHOPS, silent)
    first, second = ({**one.card, "seconds": 0} for one in (trained, again))
    assert first == second
    assert isinstance(again.model, SeriesModel)
    assert isinstance(trained.model, SeriesModel)
    assert again.model.knowledge == trained.model.knowledge


def test_a_trained_model_forecasts_every_series_of_a_file(trained: Trained) -> None:
    model = pickle.loads(pickle.dumps(trained.model))  # noqa: S301 - our own bytes
    found = model.forecast_table(shops(3), 10)
    assert found.keys["Shop"].to_pylist() == [f"shop {k}" for k in range(3) for _ in range(10)]
    assert found.keys["Day"].to_pylist()[:2] == ["2022-05-03", "2022-05-04"]
    assert len(found.used) == 360
    values = np.array(found.columns["value"].to_pylist()).reshape(3, 10)
    truth = np.array([[50 * (k + 1) * (1 + d / 300) * WEEK[d % 7] for d in range(120, 130)] for k in range(3)])
    assert np.mean(np.abs(values / truth - 1)) < 0.1


def test_a_trained_model_also_answers_any_history(trained: Trained) -> None:
    points = [{"date": f"{2015 + k // 12}-{k % 12 + 1:02}-01", "value": 10 + k % 12} for k in range(60)]
    assert len(trained.model.answer({"history": points, "periods": 3}, explain=True)["forecast"]) == 3


def test_a_file_of_one_series_needs_no_options() -> None:
    found = train(one_series(spelled="%d.%m.%Y"))
    assert found.card["metrics"]["mase"] < 1
    assert (found.card["data"]["series"], found.evidence) == (1, "standard")


def test_gaps_and_unreadable_rows_are_noted_in_the_card() -> None:
    table = one_series(100)
    dirty = pa.concat_tables([table.slice(0, 40), table.slice(43), pa.table({"date": ["?x"], "value": ["1"]})])
    notes = " ".join(train(dirty, target="value", time_column="date").card["notes"])
    assert "3 days without a value were filled from their neighbours." in notes
    assert "1 rows have no readable date or number" in notes


def test_short_series_are_left_out_and_named() -> None:
    table = pa.concat_tables(
        [shops(2), pa.table({"Shop": ["new"] * 3, "Day": dates(3, "%d-%m-%y"), "Takings": ["1"] * 3})]
    )
    card = train(table, target="Takings", time_column="Day", id_column="Shop").card
    assert card["data"]["series"] == 2
    assert any("1 series were left out: new: it has 3 periods, 5 more are needed" in note for note in card["notes"])


def test_the_time_budget_limits_the_series_looked_at() -> None:
    card = train(shops(40, 60), target="Takings", time_column="Day", id_column="Shop", budget_s=0.001).card
    assert card["data"]["series"] == 5
    assert any("5 of 40 series were looked at" in note for note in card["notes"])


REFUSED: dict[str, tuple[pa.Table, dict[str, Any], str]] = {
    "no rows": (pa.table({"date": pa.array([], pa.string()), "value": pa.array([], pa.string())}), {}, "no rows"),
    "no dates": (pa.table({"x": ["a", "b"], "y": ["1", "2"]}), {}, "No column holds dates"),
    "too few": (one_series(5), {}, "it has 5 periods, 3 more are needed"),
    "no such target": (one_series(), {"target": "profit"}, "no column 'profit'"),
    "target a text": (
        pa.table({"date": dates(20), "name": ["x"] * 20}), {"target": "name"}, "no row has a readable date and number",
    ),
    "periods a word": (one_series(), {"settings": {"periods": "many"}}, "periods is a whole number"),
    "frequency a word": (one_series(), {"settings": {"frequency": "hourly"}}, "frequency is one of"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_learned_from_is_refused_with_the_reason(name: str) -> None:
    table, options, reason = REFUSED[name]
    with pytest.raises(TrainingRefused, match=reason):
        train(table, **options)
