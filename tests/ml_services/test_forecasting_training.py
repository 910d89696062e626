"""Learning from a file of series: what is read, what is refused, and how good it says it is."""

from __future__ import annotations

import json
import pickle
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ml_services import card as cards
from ml_services.base import Trained, TrainingData, TrainingOptions, silent
from ml_services.forecasting.cells import Columns, find_columns, read_days
from ml_services.forecasting.model import SeriesModel
from ml_services.forecasting.points import groups
from ml_services.predictors.sales_forecast import SalesForecast
from platform_core.errors import InputInvalid, TrainingRefused

FIRST = date(2022, 1, 3)
WEEK = np.array([1.0, 1.1, 1.2, 1.3, 1.6, 1.9, 0.6])


def sales(count: int, seed: int = 0, level: float = 100.0) -> list[str]:
    noise = np.random.default_rng(seed).lognormal(0, 0.05, count)
    return [f"{level * (1 + k / 300) * WEEK[k % 7] * noise[k]:.2f}" for k in range(count)]


def dates(count: int, spelled: str = "%Y-%m-%d") -> list[str]:
    return [(FIRST + timedelta(k)).strftime(spelled) for k in range(count)]


def one_series(count: int = 150, spelled: str = "%Y-%m-%d") -> pa.Table:
    return pa.table({"date": dates(count, spelled), "value": sales(count)})


def shops(count: int, days: int = 120) -> pa.Table:
    parts = [
        pa.table(
            {"Shop": [f"shop {k}"] * days, "Day": dates(days, "%d-%m-%y"), "Takings": sales(days, k, 50.0 * (k + 1))}
        )
        for k in range(count)
    ]
    return pa.concat_tables(parts)


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


def test_rows_without_a_value_are_the_ones_forecast() -> None:
    table = pa.table({"date": dates(105), "value": [*sales(100), "", "", "", None, ""]})
    answer = SeriesModel().answer_table(table, explain=False)
    assert answer.positions.tolist() == list(range(105))
    assert answer.columns["value"].null_count == 100
    assert None not in answer.columns["value"].to_pylist()[100:]
    rows = SeriesModel().forecast_table(table)
    assert rows.columns["value"].to_pylist() == answer.columns["value"].to_pylist()[100:]


def test_unreadable_rows_are_rejected_and_the_others_used() -> None:
    table = pa.table({"date": [*dates(60), "soon", "", "2022-13-45"], "value": [*sales(59), "n.v.?", "1", "2", "3"]})
    found = SeriesModel(columns=Columns("date", "value")).forecast_table(table, 3)
    assert [(one.position, one.column, one.value) for one in found.rejects] == [
        (59, "value", "n.v.?"),
        (60, "date", "soon"),
        (61, "date", ""),
        (62, "date", "2022-13-45"),
    ]
    assert len(found.used) == 59


def test_a_series_too_short_is_rejected_row_by_row() -> None:
    table = pa.concat_tables(
        [shops(1), pa.table({"Shop": ["new"] * 2, "Day": dates(2, "%d-%m-%y"), "Takings": ["1", "2"]})]
    )
    found = SeriesModel(columns=Columns("Day", "Takings", "Shop")).forecast_table(table, 3)
    assert [one.position for one in found.rejects] == [120, 121]
    assert "new cannot be forecast: it has values of 2 dates, 3 are needed" in found.rejects[0].reason
    assert len(found.columns["value"]) == 3


def test_a_table_without_dates_or_values_is_refused() -> None:
    with pytest.raises(InputInvalid, match="No column holds dates"):
        SeriesModel().forecast_table(pa.table({"a": ["x", "y"], "b": ["1", "2"]}))
    with pytest.raises(InputInvalid, match="Several hold numbers: red, blue"):
        SeriesModel().forecast_table(pa.table({"date": dates(9), "red": ["1"] * 9, "blue": ["2"] * 9}))


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (("ds", "y"), Columns("ds", "y")),
        (("Order Date", "Sales"), Columns("Order Date", "Sales")),
        (("when", "series", "Value"), Columns("when", "Value", "series")),
    ],
)
def test_the_usual_column_names_are_found(header: tuple[str, ...], found: Columns) -> None:
    cells = {"ds": dates(9), "Order Date": dates(9), "when": dates(9), "series": ["a"] * 9}
    assert find_columns(pa.table({name: cells.get(name, sales(9)) for name in header})) == found


@pytest.mark.parametrize(
    ("spelled", "day"),
    [
        (["2024", "2025"], date(2025, 1, 1)),
        (["2024-Q4", "2025-Q2"], date(2025, 4, 1)),
        (["2024-11", "2025-02"], date(2025, 2, 1)),
        (["31/12/2024", "05/01/2025"], date(2025, 1, 5)),
        (["20241231", "20250105"], date(2025, 1, 5)),
        (["2025-01-04T10:00:00", "2025-01-05T23:59:59"], date(2025, 1, 5)),
    ],
)
def test_dates_are_read_in_the_usual_spellings(spelled: list[str], day: date) -> None:
    days, bad = read_days(pa.chunked_array([spelled]))
    assert not bad.any()
    assert date.fromordinal(int(days[1])) == day


def test_values_of_the_same_day_are_summed_and_missing_days_are_zero() -> None:
    table = pa.table({"date": ["2022-01-01"] * 3 + dates(12)[5:], "amount": ["1", "2", "3"] + ["4"] * 7})
    found, _ = groups(table, Columns("date", "amount"))
    series = found[0].series()
    assert series.values.tolist()[:4] == [6.0, 0.0, 0.0, 0.0]
    assert "2 values of a day that has others were added to them." in series.notes[0]


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
