"""A table of series: its columns found, its rows read, its forecasts."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from ml_services.forecasting.cells import Columns, find_columns, read_days
from ml_services.forecasting.model import SeriesModel
from ml_services.forecasting.points import groups
from platform_core.errors import InputInvalid
from tests.ml_services.shop_sales import dates, sales, shops


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
