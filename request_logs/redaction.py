"""What of a record is kept: not the values that say who somebody is, not what the model never looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from users.privacy import redacted

NONE: frozenset[str] = frozenset()


def redact(
    company_id: int, record: Mapping[str, Any], *, personal: frozenset[str] = NONE, aside: frozenset[str] = NONE
) -> tuple[Mapping[str, Any], list[str]]:
    """The record as it is kept, and which values were replaced in it. `aside`: keys that are left out. A personal
    value stands there as a keyed digest, by which it can be found when its person asks, but not read."""
    if personal.isdisjoint(record) and aside.isdisjoint(record):
        return record, []
    names = sorted(name for name in personal if record.get(name) is not None)
    kept = {name: value for name, value in record.items() if name not in aside}
    return kept | {name: redacted(company_id, str(record[name])) for name in names}, names


__all__ = ["redact"]
