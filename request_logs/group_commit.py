"""Threads that write at the same time share one write.

Who comes while nobody writes, writes at once. Who comes meanwhile waits; the writer then hands over to the first of
them, who writes what all of them brought. So a lone request waits for nobody, and a busy process commits once for many.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Row = TypeVar("Row")
MOST_ROWS = 5000
"""Rows written together at most, so that one huge write does not hold up many small ones."""


class Ticket(Generic[Row]):
    """What one thread brought, and how it went. Its lock is held until it is settled, or leads."""

    __slots__ = ("kept", "lock", "problem", "rows", "settled")

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.problem: Exception | None = None
        self.kept = self.settled = False
        self.lock = threading.Lock()
        self.lock.acquire()


class GroupCommit(Generic[Row]):
    """`write` takes the rows of one or several threads and returns once they are kept. `shared_fault` says whether
    its exception concerns all rows (no database), or perhaps those of one thread only: then each is tried alone."""

    def __init__(self, write: Callable[[Sequence[Row]], None], shared_fault: type[Exception]) -> None:
        self._write, self._shared_fault = write, shared_fault
        self._mutex = threading.Lock()
        self._waiting: list[Ticket[Row]] = []
        self._writing = False

    def keep(self, rows: Sequence[Row]) -> None:
        """Returns once the rows are kept. Raises what `write` raises for them."""
        ticket: Ticket[Row] | None = None
        with self._mutex:
            if self._writing:
                ticket = Ticket(rows)
                self._waiting.append(ticket)
            else:
                self._writing = True
        if ticket is None:
            try:
                self._write(rows)
            finally:
                self._hand_over()
            return
        with ticket.lock:  # given free when it is settled, or is to lead
            pass
        if not ticket.settled:
            self._lead(ticket)
        if not ticket.kept:
            raise ticket.problem or self._shared_fault

    def _lead(self, own: Ticket[Row]) -> None:
        """Writes its own rows with those of all who wait."""
        group, count = [own], len(own.rows)
        with self._mutex:
            while self._waiting and count + len(self._waiting[0].rows) <= MOST_ROWS:
                group.append(self._waiting.pop(0))
                count += len(group[-1].rows)
        try:
            self._write_group(group)
        finally:
            for ticket in group[1:]:
                ticket.settled = True
                ticket.lock.release()
            self._hand_over()

    def _write_group(self, group: list[Ticket[Row]]) -> None:
        try:
            self._write([row for ticket in group for row in ticket.rows])
            for ticket in group:
                ticket.kept = True
        except self._shared_fault as problem:
            for ticket in group:
                ticket.problem = problem
        except Exception as problem:
            if len(group) == 1:
                group[0].problem = problem
                return
            for ticket in group:
                self._write_group([ticket])

    def _hand_over(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.pop(0).lock.release()
            else:
                self._writing = False


__all__ = ["MOST_ROWS", "GroupCommit"]
