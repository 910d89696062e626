"""A query's rows block by block, however many there are: the database sends the next while one is worked on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, transaction

AT_ONCE = 1_000
"""Rows of a block. The parsed records of so many are counted while they are still in the processor's cache, it seems:
with five thousand the same work cost a quarter to a third more time (docs/PERFORMANCE.md)."""


def blocks(statement: str, asked: Mapping[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
    """In one transaction, during which the connection is for nothing else."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL jit = off")  # sends the scope too, which holds until the transaction ends
        # A plain cursor of psycopg: its rows come binary, and a thread may wait for the next block while this one
        # is worked on.
        with ThreadPoolExecutor(1) as ahead, connection.connection.cursor(name="drift", binary=True) as reader:
            reader.execute(statement, asked)
            coming = ahead.submit(reader.fetchmany, AT_ONCE)
            while block := coming.result():
                coming = ahead.submit(reader.fetchmany, AT_ONCE)
                yield block


__all__ = ["AT_ONCE", "blocks"]
