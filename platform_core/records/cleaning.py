"""A row as it is kept, or what is wrong with it. Texts from files and values from JSON are read alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from platform_core.errors import PlatformError
from platform_core.records.kinds import FIRST, Column, Kind
from users.currencies import CODES
from users.emails import canonical

MOST_EXTRA_BYTES = 16_384
LARGEST_AMOUNT = 10**15
"""Minor units: sums of thousands of them are still exact as a double."""
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
CLOCKS_APART = timedelta(days=1)
"""How far a stamp may be ahead: one of a wrong year would shut out every later version."""
SHOWN = 100
WHOLE = re.compile(r"[+-]?[0-9]{1,16}", re.ASCII)
YES, NO = frozenset({"yes", "true", "1", "y"}), frozenset({"no", "false", "0", "n"})
_codes = frozenset(CODES)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken. `place` counts from 0 within the rows given."""

    place: int
    external_id: str
    field: str
    value: str
    reason: str


class Unfit(PlatformError):
    """A value that its column cannot take."""

    code = "invalid"
    status = 400


def cleaned(kind: Kind, row: Any, place: int, now: datetime) -> dict[str, Any] | Rejected:
    """The row with every column of its kind, or the first thing that is wrong with it."""
    if not isinstance(row, Mapping):
        return Rejected(place, "", "", shown(row), "A record must be an object.")
    mark = shown(row.get("external_id", ""))
    known = _known(kind.name)
    for name in row:
        if name not in known:
            reason = f"There is no such field; what {kind.plural} have no field for goes into extra."
            return Rejected(place, mark, shown(name), shown(row[name]), reason)
    found: dict[str, Any] = {}
    for column in (*FIRST, *kind.columns):
        value = row.get(column.name)
        try:
            found[column.name] = _read(column, value)
        except Unfit as problem:
            return Rejected(place, mark, column.name, shown(value), problem.detail)
    stamp = found["source_updated_at"] = found["source_updated_at"] or now
    if stamp > now + CLOCKS_APART:
        return Rejected(place, mark, "source_updated_at", shown(stamp), "This is in the future.")
    return found


def shown(value: Any) -> str:
    """A value in a few characters."""
    return str(value).replace("\0", "\\0")[:SHOWN]


@lru_cache(maxsize=16)
def _known(name: str) -> frozenset[str]:
    from platform_core.records.kinds import kind_of

    return frozenset(column.name for column in (*FIRST, *kind_of(name).columns))


def _read(column: Column, value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "":
        if column.required:
            raise Unfit("This is required.")
        return EMPTY[column.kind]()
    found = READERS[column.kind](value)
    if isinstance(found, str) and len(found) > column.longest:
        raise Unfit(f"This may have at most {column.longest} characters.")
    if column.choices and found not in column.choices:
        raise Unfit(f"This must be one of: {', '.join(column.choices)}.")
    return found


def _text(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or "\0" in value:
        raise Unfit("This must be a text.")
    return value


@lru_cache(maxsize=100_000)
def _mailbox(value: str) -> str:
    return canonical(value)


def _email(value: Any) -> str:
    try:
        return _mailbox(_text(value))
    except Unfit:
        raise
    except PlatformError as problem:
        raise Unfit(problem.detail) from None


def _moment(value: Any) -> datetime:
    found = value
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            found = None
    if not isinstance(found, datetime):
        raise Unfit("This must be a time of ISO 8601, such as 2026-11-21T09:30:00Z or 2026-11-21.")
    # Without an offset it is UTC.
    try:
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        found = LATEST
    if not EARLIEST <= found < LATEST:
        raise Unfit("This must be a time from 1900 to 2199.")
    return found


def _amount(value: Any) -> int:
    if isinstance(value, str) and WHOLE.fullmatch(value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST_AMOUNT:
        raise Unfit("This must be a whole number of the currency's smallest unit: 1050 for 10.50 USD.")
    return value


def _currency(value: Any) -> str:
    code = _text(value).upper()
    if code not in _codes:
        raise Unfit("This must be a currency of ISO 4217, such as USD.")
    return code


def _yes_no(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    folded = str(value).casefold()
    if folded not in YES and folded not in NO:
        raise Unfit("This must be true or false.")
    return folded in YES


def _nested(value: Any, kind: type[Any], told: str) -> Any:
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError:
            raise Unfit(f"This must be {told}.") from None
    if not isinstance(value, kind):
        raise Unfit(f"This must be {told}.")
    try:
        encoded = msgspec.json.encode(value)
    except (TypeError, ValueError, RecursionError, OverflowError):
        raise Unfit(f"This must be {told}, of what JSON can say.") from None
    if len(encoded) > MOST_EXTRA_BYTES:
        raise Unfit(f"This may have at most {MOST_EXTRA_BYTES:,} bytes.")
    if b"\\u0000" in encoded:
        raise Unfit("This may hold no NUL.")
    return value


READERS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "email": _email,
    "moment": _moment,
    "amount": _amount,
    "currency": _currency,
    "yes_no": _yes_no,
    "object": lambda value: _nested(value, dict, "an object"),
    "list": lambda value: _nested(value, list, "a list"),
}
EMPTY: dict[str, Callable[[], Any]] = {
    "text": str, "email": str, "currency": str, "moment": lambda: None, "amount": lambda: None,
    "yes_no": lambda: None, "object": dict, "list": list,
}  # fmt: skip

__all__ = ["Rejected", "cleaned", "shown"]
