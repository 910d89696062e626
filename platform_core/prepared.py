"""One statement, asked again and again by a process: prepared once, on a connection of its own beside Django's (which
has one a thread), one round trip a call.

libpq is spoken to directly: a cursor costs more than a prediction. Other threads run while a call waits.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import DatabaseError, connections
from psycopg import pq

from platform_core.errors import DatabaseUnavailable

STATEMENT_TIMEOUT_MS = 10_000
"""A call that takes longer is given up: its requests are answered 503."""
SILENCE_MS = 10_000
"""A server that does not even acknowledge for so long is taken for gone (Linux, over TCP)."""
DJANGOS_OWN = ("cursor_factory", "context", "prepare_threshold")
SERVERS_FAULT = (b"08", b"53", b"57", b"26")
"""Connection lost, resources short, the operator's intervention, a pooler that lost our statement: classes of
PostgreSQL's error codes (its manual, appendix A)."""


class PreparedCall:
    """A statement with `$1`, `$2`, … in it. The statement says itself whose rows it is about: no company is sent."""

    def __init__(self, name: str, sql: str) -> None:
        self.name, self.sql = name.encode(), sql.encode()
        self._lock = threading.Lock()
        self._kept: dict[int, psycopg.Connection[Any]] = {}
        """By process: after a fork the child must not speak on, nor close, its parent's connection."""

    def __call__(self, *parameters: bytes) -> pq.abc.PGresult:
        """The result. A broken connection is made anew once: the statement must do no harm twice. Waits for other
        threads. Raises DatabaseUnavailable; DatabaseError where the server refuses what is sent."""
        with self._lock:
            return self._asked(parameters)

    def unless_busy(self, *parameters: bytes) -> pq.abc.PGresult | None:
        """The same; None, and nothing was asked, while another thread waits for its result."""
        if not self._lock.acquire(blocking=False):
            return None
        try:
            return self._asked(parameters)
        finally:
            self._lock.release()

    def close(self) -> None:
        """Ends this process's connection; the next call makes one."""
        kept = self._kept.pop(os.getpid(), None)
        if kept is not None:
            kept.close()

    def backend_pid(self) -> int:
        """The server's process of this connection, by which a benchmark finds its cost."""
        return self.connected().info.backend_pid

    def connected(self) -> psycopg.Connection[Any]:
        """This process's connection."""
        kept = self._kept.get(os.getpid())
        if kept is None:
            parameters = {"tcp_user_timeout": SILENCE_MS, **connections["default"].get_connection_params()}
            for name in DJANGOS_OWN:
                parameters.pop(name, None)
            kept = psycopg.connect(**parameters, autocommit=True)
            kept.execute(f"SET statement_timeout = {STATEMENT_TIMEOUT_MS}")
            kept.pgconn.prepare(self.name, self.sql)
            self._kept[os.getpid()] = kept
        return kept

    def _asked(self, parameters: Sequence[bytes]) -> pq.abc.PGresult:
        result = self._sent(parameters)
        if result is None:
            self.close()
            result = self._sent(parameters)
        if result is None:
            self.close()
            raise DatabaseUnavailable
        if result.status != pq.ExecStatus.TUPLES_OK:
            code = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"?").decode()
            raise DatabaseError(f"{self.name.decode()} was refused: {code}")
        return result

    def _sent(self, parameters: Sequence[bytes]) -> pq.abc.PGresult | None:
        """The call's result; None where the connection is of no use (any more)."""
        try:
            wire = self.connected().pgconn
            result = wire.exec_prepared(self.name, parameters)
        except psycopg.Error:
            return None
        code = result.error_field(pq.DiagnosticField.SQLSTATE) or b""
        return None if wire.status != pq.ConnStatus.OK or code[:2] in SERVERS_FAULT else result


def array(values: Sequence[object]) -> bytes:
    """Texts or numbers as PostgreSQL spells an array of them."""
    quoted = (str(value).replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return ("{" + ",".join(f'"{value}"' for value in quoted) + "}").encode()


__all__ = ["PreparedCall", "array"]
