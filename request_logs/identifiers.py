"""Ids that begin with their time (UUID version 7, RFC 9562, section 5.7): the newest rows are neighbours in every
index, and a list ordered by id is ordered by time."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from uuid import UUID

VERSION = 0x7 << 76
VARIANT = 0b10 << 62
RANDOM_BITS = (1 << 62) - 1
NS_PER_MS = 1_000_000
STEPS = 4096
"""Into so many parts the millisecond is divided in the twelve bits after it (section 6.2, method 3): ids that one
thread makes after another are in order."""


def time_ordered(at_ns: int | None = None) -> UUID:
    """A new id of now, or of the time given (nanoseconds since 1970-01-01 UTC)."""
    now_ms, rest_ns = divmod(time.time_ns() if at_ns is None else at_ns, NS_PER_MS)
    ordered = now_ms << 80 | VERSION | (rest_ns * STEPS // NS_PER_MS) << 64 | VARIANT
    return UUID(int=ordered | int.from_bytes(os.urandom(8)) & RANDOM_BITS)


def time_of(mark: UUID) -> datetime:
    """The moment of an id, to the millisecond."""
    return datetime.fromtimestamp((mark.int >> 80) / 1000, UTC)


def first_at(moment: datetime) -> UUID:
    """The lowest id that a moment can have: all ids from then on are at or above it."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


__all__ = ["first_at", "time_of", "time_ordered"]
