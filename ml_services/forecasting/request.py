"""One request: a history checked value by value, every problem named."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ml_services.base import Field, FieldProblem, Record, RecordInvalid
from ml_services.forecasting.periods import FREQUENCIES

LEAST_POINTS, MOST_POINTS = 3, 10_000
MOST_PERIODS = 366
USUAL_PERIODS: dict[str, int] = {"D": 14, "W": 13, "M": 12, "Q": 4, "Y": 3}
"""Periods forecast where the request does not say: about what is planned ahead at each rhythm."""
LARGEST = 1e15
LONGEST_DATE = 35
FIRST_YEAR, LAST_YEAR = 1700, 2200
MOST_PROBLEMS = 20
"""Bad values named one by one; further ones are counted."""
KEYS = ("history", "periods", "frequency")
EXAMPLE = [{"date": f"2025-{month:02}-01", "value": 1000 + 25 * month} for month in range(1, 13)]

FIELDS = (
    Field(
        "history",
        "series",
        f"What was: [{{date, value}}, …], one value a period, {LEAST_POINTS} to {MOST_POINTS:,} of them",
        example=EXAMPLE,
    ),
    Field(
        "periods",
        "integer",
        "How many periods to forecast; null for 14 days, 13 weeks, 12 months, 4 quarters or 3 years",
        minimum=1,
        maximum=MOST_PERIODS,
        required=False,
        nullable=True,
        example=6,
    ),
    Field(
        "frequency",
        "category",
        "Days, weeks, months, quarters or years; null to find it from the dates",
        choices=FREQUENCIES,
        closed=True,
        required=False,
        nullable=True,
        example="M",
    ),
)


@dataclass(frozen=True, slots=True)
class Request:
    """Dates ascending and distinct; `periods`, `frequency` None where not given."""

    days: list[date]
    values: list[float]
    periods: int | None
    frequency: str | None


def check(record: Record) -> Request:
    """Raises RecordInvalid naming everything that is wrong."""
    if not isinstance(record, Mapping):
        raise RecordInvalid([FieldProblem("", "wrong_type", "A record is an object with a history.")])
    problems = [FieldProblem(str(key), "unknown", f"There is no field {key!r}.") for key in record if key not in KEYS]
    points = check_history(record, problems)
    periods, frequency = record.get("periods"), record.get("frequency")
    if isinstance(periods, float) and periods.is_integer():
        periods = int(periods)  # JSON Schema counts 6.0 among the integers
    if periods is not None and (isinstance(periods, bool) or not isinstance(periods, int)):
        problems.append(FieldProblem("periods", "wrong_type", "periods is a whole number."))
    elif periods is not None and not 1 <= periods <= MOST_PERIODS:
        problems.append(FieldProblem("periods", "out_of_range", f"periods is from 1 to {MOST_PERIODS}."))
    if frequency is not None and frequency not in FREQUENCIES:
        problems.append(FieldProblem("frequency", "not_a_choice", f"frequency is one of {', '.join(FREQUENCIES)}."))
    if problems:
        raise RecordInvalid(problems)
    points.sort()
    return Request([day for day, _ in points], [value for _, value in points], periods, frequency)


def check_history(record: Record, problems: list[FieldProblem]) -> list[tuple[date, float]]:
    if "history" not in record:
        problems.append(FieldProblem("history", "required", "history is required: [{date, value}, …]."))
        return []
    history = record["history"]
    if history is None or not isinstance(history, list | tuple):
        code = "null" if history is None else "wrong_type"
        problems.append(FieldProblem("history", code, "history is a list of {date, value}."))
        return []
    if not LEAST_POINTS <= len(history) <= MOST_POINTS:
        code = "too_long" if len(history) > MOST_POINTS else "out_of_range"
        detail = f"history has {len(history):,} values; {LEAST_POINTS} to {MOST_POINTS:,} are needed."
        problems.append(FieldProblem("history", code, detail))
        return []
    points: dict[date, float] = {}
    bad = 0
    for place, item in enumerate(history):
        found = point(item)
        if isinstance(found, tuple) and found[0] in points:
            found = FieldProblem("date", "not_a_choice", f"has {found[0]} twice: give one value a date")
        if isinstance(found, tuple):
            points[found[0]] = found[1]
            continue
        bad += 1
        if bad <= MOST_PROBLEMS:
            where = f"history.{place}" + (f".{found.field}" if found.field else "")
            problems.append(FieldProblem(where, found.code, f"{where} {found.detail}."))
    if bad > MOST_PROBLEMS:
        problems.append(FieldProblem("history", "wrong_type", f"{bad - MOST_PROBLEMS:,} more values are wrong."))
    return list(points.items())


def point(item: Any) -> tuple[date, float] | FieldProblem:
    """One {date, value}, or what is wrong with it."""
    if not isinstance(item, Mapping):
        return FieldProblem("", "wrong_type", "is not an object with date and value")
    for key in ("date", "value"):
        if key not in item:
            return FieldProblem(key, "required", "is missing")
        if item[key] is None:
            return FieldProblem(key, "null", "is null: leave the date out where nothing is known")
    for key in item:
        if key not in ("date", "value"):
            return FieldProblem(str(key), "unknown", "is unknown: only date and value are")
    day = day_of(item["date"])
    if day is None:
        return FieldProblem("date", "wrong_type", "is no date of the form 2025-01-31")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return FieldProblem("date", "out_of_range", f"is not between {FIRST_YEAR} and {LAST_YEAR}")
    value = item["value"]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return FieldProblem("value", "wrong_type", "is not a number")
    if not math.isfinite(value) or abs(value) > LARGEST:
        return FieldProblem("value", "out_of_range", f"is not a number between -{LARGEST:g} and {LARGEST:g}")
    return day, float(value)


def day_of(value: Any) -> date | None:
    """ISO 8601: a date, a month (its first day), or a moment (its date as written)."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not value.isascii() or not 7 <= len(value) <= LONGEST_DATE:
        return None
    if value[4:5] != "-" or "W" in value:
        return None
    try:
        if len(value) == 7:
            return date(int(value[:4]), int(value[5:]), 1)
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value).date()
    except ValueError:
        return None
