"""Which rhythm dates follow, and which dates come next."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ml_services.forecasting.periods import rhythm_of
from ml_services.forecasting.series import series_of


def every(step: int, count: int, start: str = "2023-01-01") -> list[date]:
    return [date.fromisoformat(start) + timedelta(step * k) for k in range(count)]


def month_starts(step: int, count: int, day: int = 1) -> list[date]:
    return [date(2015 + (k * step) // 12, (k * step) % 12 + 1, day) for k in range(count)]


@pytest.mark.parametrize(
    ("days", "frequency"),
    [
        (every(1, 30), "D"),
        (every(1, 3, "2023-12-31"), "D"),
        (every(7, 20), "W"),
        (month_starts(1, 20), "M"),
        (month_starts(1, 20, 17), "M"),
        (month_starts(3, 9), "Q"),
        (month_starts(12, 5), "Y"),
        ([day for k, day in enumerate(month_starts(1, 30)) if k not in (3, 4, 11)], "M"),
        ([day for k, day in enumerate(every(7, 30)) if k not in (3, 14)], "W"),
        ([date(2020, 1, 31), date(2020, 2, 29), date(2020, 3, 31), date(2020, 4, 30)], "M"),
        ([date(2019, 12, 31), date(2020, 12, 31), date(2021, 12, 31)], "Y"),
    ],
)
def test_the_rhythm_is_found_from_the_dates(days: list[date], frequency: str) -> None:
    assert rhythm_of(days, None).frequency == frequency


@pytest.mark.parametrize(
    ("days", "following"),
    [
        (every(1, 10), ["2023-01-11", "2023-01-12"]),
        (every(7, 10), ["2023-03-12", "2023-03-19"]),
        (month_starts(1, 12), ["2016-01-01", "2016-02-01"]),
        ([date(2020, 11, 30), date(2020, 12, 31), date(2021, 1, 31)], ["2021-02-28", "2021-03-31"]),
        ([date(2015, 1, 30), date(2015, 3, 30), date(2015, 4, 30)], ["2015-05-30", "2015-06-30"]),
        (month_starts(3, 8), ["2017-01-01", "2017-04-01"]),
        ([date(2018, 2, 1), date(2018, 5, 1), date(2018, 8, 1)], ["2018-11-01", "2019-02-01"]),
        ([date(2016, 2, 29), date(2017, 2, 28), date(2018, 2, 28)], ["2019-02-28", "2020-02-29"]),
    ],
)
def test_the_dates_that_follow_keep_their_place_in_the_period(days: list[date], following: list[str]) -> None:
    series = series_of(days, [1.0] * len(days), None, zero_gaps=False)
    assert [str(day) for day in series.future(2)] == following


def test_a_shop_closed_at_weekends_is_not_forecast_for_them() -> None:
    open_days = [day for day in every(1, 60, "2023-01-02") if day.weekday() < 5]
    series = series_of(open_days, [1.0] * len(open_days), None, zero_gaps=False)
    assert (series.season, len(series.values), series.notes) == (5, len(open_days), ())
    assert [day.weekday() for day in series.future(7)] == [(open_days[-1].weekday() + k) % 5 for k in range(1, 8)]


def test_a_frequency_given_is_kept_and_its_clashes_named() -> None:
    assert rhythm_of(every(7, 5), "D").frequency == "D"
    with pytest.raises(ValueError, match="2023-01-01 and 2023-01-08 fall in the same month"):
        rhythm_of(every(7, 5), "M")


def test_gaps_of_summed_sales_are_zero_and_leading_zeros_go() -> None:
    days = [day for k, day in enumerate(every(1, 40)) if k != 30]
    values = [0.0] * 5 + [9.0] * 34
    series = series_of(days, values, None, zero_gaps=True)
    assert len(series.values) == 35
    assert series.values[25] == 0.0
    assert series.notes == (
        "1 day without a value was filled with zero.",
        "5 zeros before the first sale were left out.",
    )


def test_a_mistyped_year_is_asked_about() -> None:
    with pytest.raises(ValueError, match="is a date wrong"):
        series_of([*every(1, 5), date(2199, 1, 1)], [1.0] * 6, "D", zero_gaps=False)
