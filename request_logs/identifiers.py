"""Ids that begin with their time (UUID version 7, RFC 9562, section 5.7): the newest rows are neighbours in every
index, and a list ordered by id is ordered by time."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from uuid import UUID

VERSION = 0x7 << 76
VARIANT = 0b10 << 62
RANDOM_BITS = (((1 << 12) - 1) << 64) | ((1 << 62) - 1)


def time_ordered(at_ms: int | None = None) -> UUID:
    """A new id of this millisecond, or of the one given (since 1970-01-01 UTC)."""
    now_ms = time.time_ns() // 1_000_000 if at_ms is None else at_ms
    return UUID(int=now_ms << 80 | VERSION | VARIANT | int.from_bytes(os.urandom(10)) & RANDOM_BITS)


def time_of(mark: UUID) -> datetime:
    """The moment of an id, to the millisecond."""
    return datetime.fromtimestamp((mark.int >> 80) / 1000, UTC)


def first_at(moment: datetime) -> UUID:
    """The lowest id that a moment can have: all ids from then on are at or above it."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


__all__ = ["first_at", "time_of", "time_ordered"]
