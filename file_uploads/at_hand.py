"""Trainings that a command carries out itself: in no queue, and still not lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import InterfaceError, OperationalError, connection

from ml_services.models import TrainingRun

LOCKS = 0x5452_4149
"""The first half of our advisory locks' names ("TRAI"); the second is the run."""
HELD = """
SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s AND objid = %s
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


@contextmanager
def at_hand(run: TrainingRun) -> Iterator[None]:
    """While it lasts no worker takes the run for lost. The lock goes with the connection: where the command's process
    dies, a worker takes the run up."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCKS, run.pk])
    try:
        yield
    finally:
        with suppress(OperationalError, InterfaceError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, run.pk])


def is_at_hand(run: TrainingRun) -> bool:
    """Whether a command carries it out now."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, [LOCKS, run.pk])
        row = cursor.fetchone()
    return bool(row and row[0])


__all__ = ["at_hand", "is_at_hand"]
