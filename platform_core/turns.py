"""So many at a time, some before others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """At most `places` threads within `turn` at a time."""

    def __init__(self, places: int) -> None:
        self._free, self._ahead = places, 0
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, *, first: bool = False) -> Iterator[None]:
        """Waits for a place; those who come `first` go before all others that wait."""
        with self._changed:
            self._ahead += first
            self._changed.wait_for(lambda: self._free > 0 and (first or not self._ahead))
            self._ahead -= first
            self._free -= 1
            self._changed.notify_all()  # where more places are free, others may have stood behind this one
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()


__all__ = ["Turns"]
