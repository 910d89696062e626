"""Dates as files write them, as days since 1970-01-01 UTC (fractions are times of day).

Whether 03/04/2020 is in March or April is decided by the column as a whole. Each spelling is read once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml_services.date_spellings import MICROSECONDS_PER_DAY, clock_time, month_of
from ml_services.parsing import MISSING, Bools, Floats, flat, is_missing, is_numeric, is_text, parse_numbers

Order = Literal["dmy", "mdy"]
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
EXCEL_EPOCH_DAYS = date(1899, 12, 30).toordinal() - EPOCH_ORDINAL
"""Day 0 of spreadsheets, one day early because they hold 1900 for a leap year (ECMA-376 part 1, 18.17.4.1)."""
SECONDS_PER_DAY = 86_400
POSIX_PIVOT = 69
LONGEST_DATE = 60
"""Characters: what is longer is no date, and is not searched for one."""
MANY_SPELLINGS = 1_000

_TIME = r"(?:(?:T|,?\s+)(?P<time>[0-9]{1,2}:[0-9].*))?"
_YEAR = r"(?P<y>[0-9]{4}|'?[0-9]{2})"
_WEEKDAY = r"(?:[^\W\d]+\.?,?\s+)?"
_YMD = re.compile(rf"^(?P<y>[0-9]{{4}})(?P<s>[-/.])(?P<m>[0-9]{{1,2}})(?:(?P=s)(?P<d>[0-9]{{1,2}}){_TIME})?$")
_NUMERIC = re.compile(rf"^(?P<a>[0-9]{{1,2}})(?P<s>[-/. ])(?P<b>[0-9]{{1,2}})(?P=s){_YEAR}{_TIME}$")
_MONTH_YEAR = re.compile(r"^(?P<m>[0-9]{1,2})[-/.](?P<y>[0-9]{4})$")
_COMPACT = re.compile(r"^(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})(?:T?(?P<clock>[0-9]{4}|[0-9]{6})Z?)?(?:\.0)?$")
_NAME = r"(?P<n>[^\W\d]+)\.?"
_DAY = r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th|er|\.)?"
_NAMED = (
    re.compile(rf"^{_WEEKDAY}{_DAY}[-/. ]*(?:de )?{_NAME},?[-/. ]*(?:de )?{_YEAR}{_TIME}$"),
    re.compile(rf"^{_WEEKDAY}{_NAME}[-/. ]*{_DAY}(?:,\s*|[-/. ]+){_YEAR}{_TIME}$"),
    re.compile(rf"^{_NAME}[-/., ]*(?P<y>[0-9]{{4}})$"),
)


@dataclass(frozen=True, slots=True)
class DateStyle:
    """How a column spells dates. `compact`: yyyymmdd is a date here, not a number; `serial`: so is 45123 (as
    spreadsheets count days); `epoch`: so are counts since 1970, so many a second (1 or 1000). Two-digit years from
    `pivot` on are of the last century; 69 as in POSIX strptime (%y)."""

    order: Order = "dmy"
    compact: bool = False
    serial: bool = False
    epoch: int = 0
    pivot: int = POSIX_PIVOT


ISO = DateStyle()


def days_of(year: int, month: int, day: int, microseconds: int = 0) -> float | None:
    """Days since the epoch; None where the calendar has no such day."""
    try:
        ordinal = date(year, month, day).toordinal()
    except ValueError:
        return None
    return ((ordinal - EPOCH_ORDINAL) * MICROSECONDS_PER_DAY + microseconds) / MICROSECONDS_PER_DAY


def _full_year(digits: str, pivot: int) -> int:
    digits = digits.lstrip("'")
    year = int(digits)
    return year if len(digits) == 4 else year + (1900 if year >= pivot else 2000)


def _parts(text: str, style: DateStyle) -> tuple[int, int, int, str | None] | None:
    """(year, month, day, time as spelled) of whatever spelling fits; None where none does."""
    if match := _YMD.match(text):
        return int(match["y"]), int(match["m"]), int(match["d"] or 1), match["time"]
    if match := _NUMERIC.match(text):
        first, second = int(match["a"]), int(match["b"])
        day, month = (first, second) if style.order == "dmy" else (second, first)
        return _full_year(match["y"], style.pivot), month, day, match["time"]
    if match := _MONTH_YEAR.match(text):
        return int(match["y"]), int(match["m"]), 1, None
    if style.compact and (match := _COMPACT.match(text)):
        clock = match["clock"]
        time = None if clock is None else ":".join(clock[k : k + 2] for k in range(0, len(clock), 2))
        return int(match["y"]), int(match["m"]), int(match["d"]), time
    for pattern in _NAMED:
        if (match := pattern.match(text)) and (month := month_of(match["n"])):
            groups = match.groupdict()
            return _full_year(match["y"], style.pivot), month, int(groups.get("d") or 1), groups.get("time")
    return None


def parse_date(text: str, style: DateStyle = ISO, missing: frozenset[str] = MISSING) -> float | None:
    """One cell: days since the epoch, NaN for missing, None for bad."""
    if len(text) > LONGEST_DATE:
        return None
    if is_missing(text, missing):
        return math.nan
    text = text.strip()
    if style.serial and re.fullmatch(r"[0-9]{5}(?:\.[0-9]+)?", text):
        return EXCEL_EPOCH_DAYS + float(text)
    if style.epoch and re.fullmatch(r"[0-9]{9,13}(?:\.0+)?", text):
        return float(text) / style.epoch / SECONDS_PER_DAY
    parts = _parts(text, style)
    if parts is None:
        return None
    year, month, day, time = parts
    microseconds = 0 if time is None else clock_time(time)
    return None if microseconds is None else days_of(year, month, day, microseconds)


def guess_date_style(texts: Iterable[str], fallback: DateStyle = ISO) -> DateStyle:
    """Day first or month first, by the days above 12; else the part that is always 1 is the day; else `fallback`."""
    found = [match for text in texts if len(text) <= LONGEST_DATE and (match := _NUMERIC.match(text.strip()))]
    pairs = [(int(match["a"]), int(match["b"])) for match in found]
    style = replace(fallback, pivot=_pivot({int(match["y"][-2:]) for match in found if len(match["y"]) < 4}, fallback))
    day_first, month_first = sum(a > 12 for a, _ in pairs), sum(b > 12 for _, b in pairs)
    if day_first == month_first and len(set(pairs)) > 1:
        day_first, month_first = int(all(a == 1 for a, _ in pairs)), int(all(b == 1 for _, b in pairs))
    if day_first == month_first:
        return style
    return replace(style, order="dmy" if day_first > month_first else "mdy")


def _pivot(years: set[int], fallback: DateStyle) -> int:
    """Where two-digit years reach into the last century, they start after the widest gap of the hundred: birth
    years 50 to 99 are all of one century."""
    if not years or max(years) < POSIX_PIVOT:
        return fallback.pivot
    ordered = sorted(years)
    gaps = [
        (later - earlier, later) for earlier, later in zip([ordered[-1] - 100, *ordered[:-1]], ordered, strict=True)
    ]
    return max(gaps)[1]


def parse_dates(
    array: pa.Array | pa.ChunkedArray, style: DateStyle = ISO, missing: frozenset[str] = MISSING
) -> tuple[Floats, Bools]:
    """Days since the epoch with NaN for missing and bad, and where bad. Typed dates and timestamps pass through."""
    array = flat(array)
    if pa.types.is_date(array.type) or pa.types.is_timestamp(array.type):
        moments = array.cast(pa.timestamp("us", tz="UTC" if getattr(array.type, "tz", None) else None))
        return _days(moments), np.zeros(len(array), dtype=np.bool_)
    if is_text(array.type):
        return _by_spelling(
            pc.if_else(pc.equal(array, ""), None, array), partial(parse_date, style=style, missing=missing)
        )
    if is_numeric(array.type) and style.serial:
        values, bad = parse_numbers(array)
        return values + EXCEL_EPOCH_DAYS, bad
    if is_numeric(array.type) and style.epoch:
        values, bad = parse_numbers(array)
        return values / style.epoch / SECONDS_PER_DAY, bad
    if is_numeric(array.type) and style.compact:
        whole = array.cast(pa.float64()).cast(pa.int64(), safe=False).cast(pa.string())
        return _by_spelling(whole, partial(parse_date, style=style, missing=missing))
    return np.full(len(array), np.nan), array.is_valid().to_numpy(zero_copy_only=False)


def _days(moments: pa.Array) -> Floats:
    micros = np.asarray(pc.fill_null(moments.cast(pa.int64()), 0).to_numpy(zero_copy_only=False))
    days = micros.astype(np.float64) / MICROSECONDS_PER_DAY
    days[np.asarray(moments.is_null().to_numpy(zero_copy_only=False))] = np.nan
    return days


def _by_spelling(array: pa.Array, read: Callable[[str], float | None]) -> tuple[Floats, Bools]:
    spelled = array.dictionary_encode()
    if len(spelled.dictionary) > MANY_SPELLINGS:
        try:
            return _days(array.cast(pa.timestamp("us"))), np.zeros(len(array), dtype=np.bool_)
        except pa.ArrowInvalid:
            pass
    days = [read(text) for text in spelled.dictionary.to_pylist()]
    table = np.array([math.nan if day is None else day for day in [*days, math.nan]], dtype=np.float64)
    refused = np.array([day is None for day in days] + [False], dtype=np.bool_)
    codes = pc.fill_null(spelled.indices, len(days)).to_numpy(zero_copy_only=False)
    return table[codes], refused[codes]
