"""Cells of a table as days and values, and which columns hold them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ml_services.forecasting.request import FIRST_YEAR, LARGEST, LAST_YEAR
from ml_services.forecasting.seasonal import Floats

if TYPE_CHECKING:
    import pyarrow as pa

Bools = npt.NDArray[np.bool_]
TIME_WORDS = ("date", "ds", "day", "week", "month", "quarter", "year", "period", "time", "timestamp")
VALUE_WORDS = ("value", "y", "sales", "amount", "revenue", "total", "quantity", "units", "count")
SERIES_WORDS = ("series", "unique_id", "series_id")
SAMPLE_ROWS = 300
READABLE = 0.9
"""A column holds dates (numbers) where this share of its filled cells does."""
NAMES_SHOWN = 50
EPOCH = date(1970, 1, 1).toordinal()
YEAR_OR_QUARTER = re.compile(r"^(?P<y>[12][0-9]{3})(?:[-/ ]?Q(?P<q>[1-4]))?(?:\.0)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns; `series` empty where the whole table is one series."""

    time: str
    value: str
    series: str = ""

    def fits(self, table: pa.Table) -> bool:
        return {self.time, self.value, *([self.series] if self.series else [])} <= set(table.column_names)


def find_columns(table: pa.Table, time: str = "", value: str = "", series: str = "") -> Columns:
    """The columns named, else those that look it. Raises ValueError with what is missing."""
    names = list(table.column_names)
    for name in (time, value, series):
        if name and name not in names:
            raise ValueError(f"There is no column {name!r}. There are: {', '.join(names[:NAMES_SHOWN])}.")
    time = time or next((n for n in likely(names, TIME_WORDS) if n not in (value, series) and dated(table, n)), "")
    if not time:
        raise ValueError("No column holds dates. Name it with --time-column.")
    series = series or next((n for n in names if n.casefold() in SERIES_WORDS and n not in (time, value)), "")
    if not value:
        others = [n for n in likely(names, VALUE_WORDS) if n not in (time, series) and numeric(table, n)]
        known = [n for n in others if n.strip().casefold() in VALUE_WORDS][:1] or others
        if len(known) != 1:
            found = f"Several hold numbers: {', '.join(known[:NAMES_SHOWN])}" if known else "No column holds numbers"
            raise ValueError(f"{found}. Name the one to forecast with --target.")
        value = known[0]
    return Columns(time, value, series)


def likely(names: list[str], words: tuple[str, ...]) -> list[str]:
    """All names: those that are such a word first, then those that contain one, then the others."""
    exact = [name for word in words for name in names if name.strip().casefold() == word]
    parts = [name for name in names if set(re.split(r"[\W_]+", name.casefold())) & set(words)]
    return list(dict.fromkeys([*exact, *parts, *names]))


def dated(table: pa.Table, name: str) -> bool:
    return mostly(*read_days(table.column(name).slice(0, SAMPLE_ROWS)))


def numeric(table: pa.Table, name: str) -> bool:
    return mostly(*read_values(table.column(name).slice(0, SAMPLE_ROWS)))


def mostly(values: Floats, bad: Bools) -> bool:
    known = ~np.isnan(values)
    return bool(known.any() and known.sum() >= READABLE * (known | bad).sum())


def read_days(column: pa.ChunkedArray) -> tuple[Floats, Bools]:
    """Ordinals of the days (NaN where blank or bad), and where bad. Years (2024) and quarters (2024-Q1) are read as
    their first day."""
    from ml_services.dates import DateStyle, guess_date_style, parse_dates
    from ml_services.parsing import flat, is_text

    array = flat(column)
    texts = [text for text in array.unique().to_pylist() if text] if is_text(array.type) else []
    days, bad = parse_dates(array, guess_date_style(texts, DateStyle(compact=True)))
    if bad.any():
        starts = {cell: year_or_quarter(str(cell)) for cell in array.unique().to_pylist()}
        other = np.array([starts[cell] for cell in array.to_pylist()])
        days, bad = np.where(bad, other, days), bad & np.isnan(other)
    days = np.floor(days) + EPOCH
    odd = (days < date(FIRST_YEAR, 1, 1).toordinal()) | (days > date(LAST_YEAR, 12, 31).toordinal())
    return np.where(odd, np.nan, days), bad | odd


def year_or_quarter(text: str) -> float:
    """Days since 1970 of the first day of a year or quarter; NaN where the text is neither."""
    match = YEAR_OR_QUARTER.match(text.strip())
    return date(int(match["y"]), 3 * int(match["q"] or 1) - 2, 1).toordinal() - EPOCH if match else np.nan


def read_values(column: pa.ChunkedArray) -> tuple[Floats, Bools]:
    """Numbers (NaN where blank or bad), and where bad."""
    from ml_services.parsing import flat, guess_number_style, is_text, parse_numbers

    array = flat(column)
    texts = [text for text in array.unique().to_pylist() if text] if is_text(array.type) else []
    values, bad = parse_numbers(array, guess_number_style(texts))
    odd = np.abs(values) > LARGEST
    return np.where(odd, np.nan, values), bad | odd
