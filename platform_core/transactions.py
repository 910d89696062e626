"""Transactions on rows that others wait for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InternalError, OperationalError, connection, transaction
from psycopg.errors import IdleInTransactionSessionTimeout

BRIEF_S = 10.0
IDLE = "idle_in_transaction_session_timeout"


@contextmanager
def brief() -> Iterator[None]:
    """A transaction that does nothing but statements, or a decorator that makes one of a function. Where its process
    falls silent in the middle (stopped, not dead, with the locks in its hand), the server ends it after BRIEF_S, and
    it raises OperationalError once it goes on."""
    outermost = not connection.in_atomic_block
    try:
        with transaction.atomic():
            if outermost:
                with connection.cursor() as cursor:
                    cursor.execute(f"SET LOCAL {IDLE} = {int(BRIEF_S * 1000)}")
            yield
    except InternalError as problem:  # psycopg's class for it; it passes as any lost connection does
        if isinstance(problem.__cause__, IdleInTransactionSessionTimeout):
            raise OperationalError(str(problem)) from problem
        raise


__all__ = ["BRIEF_S", "IDLE", "brief"]
