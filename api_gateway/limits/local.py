"""The same counters in a process's own memory: what is left where the shared ones cannot be reached."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from api_gateway.limits.leases import LARGEST_BLOCK, SHARE, Ask, Lease

MOST_COUNTERS = 100_000


class LocalStore:
    """Counters that only this process shares with itself."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, int, int]] = {}
        self._lock = threading.Lock()

    def lease(self, asks: Sequence[Ask]) -> dict[str, Lease]:
        """By the same rule as the shared counters."""
        with self._lock:
            if len(self._kept) > MOST_COUNTERS:
                self._kept.clear()
            return {ask.name: self._one(ask) for ask in asks}

    def _one(self, ask: Ask) -> Lease:
        start, taken, limit = self._kept.get(ask.name, (ask.start, 0, ask.limit))
        passed = (ask.start - start) // ask.seconds
        if passed > 0:
            start, taken = ask.start, max(0, taken - limit * passed)
        free = ask.limit - taken
        given = 0
        if ask.need <= free:
            given = max(ask.need, min(LARGEST_BLOCK, free // SHARE))
        elif ask.need > ask.limit and taken * 2 < ask.limit:
            given = ask.need
        self._kept[ask.name] = (start, taken + given, ask.limit)
        return Lease(start, taken + given, given)


__all__ = ["LocalStore"]
