"""Times in the query string."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from platform_core.errors import InputInvalid

FORM = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+ -]\d{2}:\d{2})?)?", re.ASCII
)
"""RFC 3339, section 5.6; also a bare date, and without a zone, which are UTC. An unescaped + arrives as a blank."""

LEAP_SECOND = re.compile(r"(T\d{2}:\d{2}):60")


def moment(given: Mapping[str, str], name: str) -> datetime | None:
    """The time that a parameter says, or None where it is not there. Raises InputInvalid."""
    text = given.get(name)
    if text is None:
        return None
    problem = InputInvalid(f"{name} must be a time as in 2026-03-01T09:30:00Z.", attr=name)
    if not FORM.fullmatch(text):
        raise problem
    whole = re.sub(r"(\.\d{6})\d+", r"\1", text.upper())
    if len(whole) > len("2026-03-01"):
        whole = f"{whole[:10]}T{whole[11:].replace(' ', '+')}"
        whole = LEAP_SECOND.sub(r"\1:59", whole)
    try:
        found = datetime.fromisoformat(whole)
    except ValueError:
        raise problem from None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return (datetime.min if found.year == 1 else datetime.max).replace(tzinfo=UTC)


__all__ = ["moment"]
