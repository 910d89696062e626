"""Numbers that count time, such as months as a customer: one that grew by what went by since moved with time alone."""

from __future__ import annotations

import re
from typing import Any

from ml_services.base import Field

DAYS_IN = {"day": 1.0, "week": 7.0, "month": 365.2425 / 12, "year": 365.2425}
"""The Gregorian calendar's mean month and year."""
_UNITS = re.compile(r"(?:^|[^a-z])(day|week|month|year)s(?:[^a-z]|$)")
SLACK = 1.0
"""Whole units: a count that is rounded down is off by less than one at either end."""


def unit_days(field: Field) -> float | None:
    """The days in one unit of a number that counts time, by its unit or else its name; None for other fields."""
    if field.kind not in ("number", "integer"):
        return None
    found = _UNITS.search(field.unit.casefold()) or (None if field.unit else _UNITS.search(field.name.casefold()))
    return DAYS_IN[found[1]] if found else None


def only_time(field: Field | None, before: Any, after: Any, elapsed_days: float) -> bool:
    """Whether the field grew by what went by between the two predictions, give or take the rounding of its unit."""
    days = unit_days(field) if field is not None else None
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (before, after))
    if days is None or not numbers or after <= before:
        return False
    return bool(abs((after - before) - elapsed_days / days) < SLACK)


__all__ = ["only_time", "unit_days"]
