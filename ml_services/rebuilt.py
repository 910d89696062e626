"""What each process makes again for itself: boosters, their threads, and each thread's prepared calls."""

from __future__ import annotations

import os
import threading
from typing import Any

SMALL_BATCH = 2000
"""Up to so many rows one thread is quicker, and a web worker leaves the other cores alone."""


def _cores() -> int:
    """Those this process may use, where the system says so."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Threads:
    """How many threads a batch may take; `Threads.batch = n` sets it for the process."""

    batch: int = _cores()

    @classmethod
    def for_rows(cls, rows: int) -> int:
        """One for small batches."""
        return 1 if rows <= SMALL_BATCH else cls.batch


class Rebuilt:
    """State that is made again in each process: boosters and their per-thread calls."""

    stored: tuple[str, ...] = ("n_outputs", "n_features", "_stored")

    def forget_built(self) -> None:
        self._lock, self._local = threading.Lock(), threading.local()
        self._boosters: dict[str, Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.stored}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.forget_built()


__all__ = ["Rebuilt", "Threads"]
