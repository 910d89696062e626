"""The process's own connection for the ledger, beside Django's (one a thread): one prepared call, one round trip.

libpq is spoken to directly: a cursor costs more than the prediction. A call lets other threads run while it waits.
"""

from __future__ import annotations

import os
from typing import Any

import psycopg
from django.db import DatabaseError, connections
from psycopg import pq

from platform_core.errors import DatabaseUnavailable

STATEMENT_TIMEOUT_MS = 10_000
"""A write that takes longer is given up: its requests are answered 503."""
SILENCE_MS = 10_000
"""A server that does not even acknowledge for so long is taken for gone (Linux, over TCP)."""
NAME = b"request_logs_keep"
CALL = b"SELECT request_logs_keep($1, $2)"
DJANGOS_OWN = ("cursor_factory", "context", "prepare_threshold")

_kept: dict[int, psycopg.Connection[Any]] = {}
"""By process: after a fork the child must not speak on, nor close, its parent's connection."""


def call(companies: bytes, batches: bytes) -> None:
    """Runs the ledger's function. A broken connection is made anew once; the rows that it may have kept before it
    broke are not kept twice. Raises DatabaseUnavailable; DatabaseError where the rows are refused."""
    try:
        result = _sent(companies, batches)
    except psycopg.Error:
        result = None
    if result is None:
        close()
        try:
            result = _sent(companies, batches)
        except psycopg.Error:
            result = None
    if result is None:
        raise DatabaseUnavailable
    if result.status != pq.ExecStatus.TUPLES_OK:
        _refuse(result)


def close() -> None:
    """Ends this process's connection; the next call makes one."""
    kept = _kept.pop(os.getpid(), None)
    if kept is not None:
        kept.close()


def backend_pid() -> int:
    """The server's process of this connection, by which a benchmark finds its cost."""
    return _connection().info.backend_pid


def _connection() -> psycopg.Connection[Any]:
    kept = _kept.get(os.getpid())
    if kept is None:
        parameters = {"tcp_user_timeout": SILENCE_MS, **connections["default"].get_connection_params()}
        for name in DJANGOS_OWN:
            parameters.pop(name, None)
        kept = psycopg.connect(**parameters, autocommit=True)
        kept.execute(f"SET statement_timeout = {STATEMENT_TIMEOUT_MS}")
        kept.pgconn.prepare(NAME, CALL)
        _kept[os.getpid()] = kept
    return kept


def _sent(companies: bytes, batches: bytes) -> pq.abc.PGresult | None:
    """The call's result; None where the connection is of no use (any more)."""
    wire = _connection().pgconn
    result = wire.exec_prepared(NAME, [companies, batches])
    return None if wire.status != pq.ConnStatus.OK or _is_servers_fault(result) else result


def _is_servers_fault(result: pq.abc.PGresult) -> bool:
    """Connection lost, resources short, the operator's intervention, or a pooler that lost our statement (classes
    08, 53, 57 and 26 of PostgreSQL's error codes)."""
    code = result.error_field(pq.DiagnosticField.SQLSTATE) or b""
    return code[:2] in (b"08", b"53", b"57", b"26")


def _refuse(result: pq.abc.PGresult) -> None:
    code = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"?").decode()
    raise DatabaseError(f"the ledger refused rows: {code}")


__all__ = ["backend_pid", "call", "close"]
