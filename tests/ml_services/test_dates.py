"""Dates as files spell them."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_services.dates import DateStyle, guess_date_style, parse_date, parse_dates

EPOCH = datetime(1970, 1, 1)
ANY = DateStyle("dmy", compact=True)


def moment(text: str, style: DateStyle = ANY) -> datetime:
    days = parse_date(text, style)
    assert days is not None
    return EPOCH + timedelta(days=days)


@pytest.mark.parametrize(
    "text",
    ["2020-01-05", "2020/1/5", "05-01-20", "5.1.2020", "05/01/2020", "20200105", "5 Jan 2020", "Jan 5, 2020",
     "January 5th, 2020", "5-Jan-20", "Sun, 5 Jan 2020", "5 de enero de 2020", "5. Januar 2020", "5 janvier 2020",
     "2020-01-05T00:00:00", "2020-01-05 00:00", "2020-01-05T02:00:00+02:00", "5 Jan '20", " 2020-01-05 "],
)  # fmt: skip
def test_the_usual_spellings_of_a_day_are_read(text: str) -> None:
    assert moment(text) == datetime(2020, 1, 5)


@pytest.mark.parametrize(
    ("text", "clock"),
    [("2020-01-05T10:30:15Z", (10, 30, 15)), ("05/01/2020 3:04 PM", (15, 4, 0)), ("Jan 5, 2020 12:00 AM", (0, 0, 0)),
     ("2020-01-05T10:30:00-0330", (14, 0, 0)), ("20200105T1030", (10, 30, 0))],
)  # fmt: skip
def test_times_of_day_and_offsets_are_read(text: str, clock: tuple[int, int, int]) -> None:
    seconds = round((moment(text) - datetime(2020, 1, 5)).total_seconds())
    assert (seconds // 3600, seconds // 60 % 60, seconds % 60) == clock


@pytest.mark.parametrize(
    "text",
    ["2020-02-30", "31/04/2020", "abc", "12", "12.5", "2020-13-01", "Offer 2020", "1.2.3.4", "25:00", "9-9", "1/2"],
)
def test_what_is_no_date_is_bad(text: str) -> None:
    assert parse_date(text, ANY) is None


@pytest.mark.parametrize("text", ["", " ", "NaT", "n/a", "null"])
def test_a_missing_date_is_unknown(text: str) -> None:
    days = parse_date(text)
    assert days is not None
    assert math.isnan(days)


def test_a_month_alone_is_its_first_day() -> None:
    assert moment("2020-03") == moment("Mar 2020") == moment("03/2020") == datetime(2020, 3, 1)


def test_two_digit_years_are_split_as_in_posix() -> None:
    assert moment("01-01-68").year == 2068
    assert moment("01-01-69").year == 1969


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["03/04/2020", "13/04/2020"], "dmy"),
        (["03/04/2020", "04/13/2020"], "mdy"),
        (["01/02/2020", "01/03/2020", "01/04/2020"], "dmy"),
        (["2/1/2020", "3/1/2020", "4/1/2020"], "mdy"),
    ],
)
def test_day_or_month_first_is_decided_by_the_whole_column(texts: list[str], order: str) -> None:
    assert guess_date_style(texts).order == order


def test_what_could_be_either_follows_the_fallback() -> None:
    assert guess_date_style(["03/04/2020", "05/06/2020"], DateStyle("mdy")).order == "mdy"


def test_two_digit_years_of_one_century_stay_in_it() -> None:
    births = guess_date_style(["01.02.55", "13.02.70", "01.02.99"])
    assert moment("01.02.55", births).year == 1955
    across = guess_date_style(["01.02.98", "13.02.99", "01.02.03"])
    assert [moment(text, across).year for text in ("01.02.98", "01.02.03")] == [1998, 2003]


def test_counts_of_seconds_and_milliseconds_are_dates_where_told() -> None:
    assert parse_dates(pa.array([86_400, None]), DateStyle(epoch=1))[0][0] == 1.0
    assert parse_dates(pa.array(["1600000000000"]), DateStyle(epoch=1_000))[0][0] == 1_600_000_000 / 86_400


def test_typed_dates_pass_through_in_utc() -> None:
    days, bad = parse_dates(pa.array([date(1970, 1, 3), None]))
    assert days[0] == 2.0
    assert math.isnan(days[1])
    assert not bad.any()
    zoned = pa.array([datetime(1970, 1, 2, 12)], pa.timestamp("ns", tz="Europe/Berlin"))
    assert parse_dates(zoned)[0][0] == 1.5


def test_compact_and_spreadsheet_days_in_number_columns() -> None:
    assert parse_dates(pa.array([20200105, 20200106]), DateStyle(compact=True))[0].tolist() == [18266.0, 18267.0]
    assert parse_dates(pa.array([43835]), DateStyle(serial=True))[0].tolist() == [18266.0]
    assert parse_dates(pa.array(["43835.5"]), DateStyle(serial=True))[0].tolist() == [18266.5]


def test_bad_cells_are_marked() -> None:
    days, bad = parse_dates(pa.array(["2020-01-05", "soon", "", None]))
    assert np.isnan(days).tolist() == [False, True, True, True]
    assert bad.tolist() == [False, True, False, False]


def test_many_distinct_timestamps_are_read_like_few() -> None:
    texts = [f"2024-01-{1 + k % 28:02d} {k % 24:02d}:{k % 60:02d}:{k // 60 % 60:02d}" for k in range(5_000)]
    many, _ = parse_dates(pa.array(texts))
    few = [parse_dates(pa.array([text]))[0][0] for text in texts[::97]]
    assert many[::97].tolist() == few


@given(st.datetimes(min_value=datetime(1900, 1, 1)))
def test_every_iso_moment_is_read_back(value: datetime) -> None:
    days = parse_date(value.isoformat())
    assert days is not None
    assert abs(EPOCH + timedelta(days=days) - value) < timedelta(microseconds=50)
