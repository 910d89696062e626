"""The log of requests: who asked what, how it went, how long it took. A row is taken in memory and written within a
second, many at once, beside the requests: a crash may lose the last second of it. (The ledger of predictions is
another matter: nothing is answered there before it is kept.)"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from platform_core.logs import request_id
from platform_core.tenancy import installation_wide
from request_logs.beside import keep_writing
from request_logs.identifiers import time_of, time_ordered
from request_logs.ledger import without_nul
from users.asking import now_asking

FLUSH_S = 1.0
MOST_WAITING = 20_000
"""Rows kept in memory while the database is away; beyond them the oldest are lost."""
MOST_AT_ONCE = 2_000
LONGEST_PATH = 300
LONGEST_LENGTH = 15
"""Digits of a body's announced length; what is longer is none."""
PREDICTORS_BELOW = ("/api/predict/", "/api/nlp/")
WRITE = """
INSERT INTO request_logs_request (id, company_id, method, path, status, latency_ms, asker_kind, asker_id, predictor,
                                  bytes_in, bytes_out, request_id, created_at)
SELECT given.* FROM json_to_recordset(%s) AS given(
    id uuid, company_id bigint, method text, path text, status int, latency_ms float8, asker_kind text,
    asker_id bigint, predictor text, bytes_in bigint, bytes_out bigint, request_id text, created_at timestamptz)
JOIN users_company ON users_company.id = given.company_id
ON CONFLICT (id) DO NOTHING
"""
log = logging.getLogger(__name__)


class Row(msgspec.Struct, frozen=True, gc=False):
    """One request, as `models.Request` says."""

    id: UUID
    company_id: int
    method: str
    path: str
    status: int
    latency_ms: float
    asker_kind: str
    asker_id: int
    predictor: str
    bytes_in: int
    bytes_out: int
    request_id: str
    created_at: datetime


_waiting: deque[Row] = deque(maxlen=MOST_WAITING)
_encode = msgspec.json.Encoder().encode


class Requests:
    """Notes each request below /api/ of a known asker. Its path, never what follows it, nor bodies or headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        started = time.perf_counter()
        response = self.get_response(request)
        who = now_asking.get()
        if who is not None and who.company_id is not None:
            note(request, response, who.kind, who.id, who.company_id, (time.perf_counter() - started) * 1000)
        return response


def note(
    request: HttpRequest, response: HttpResponseBase, kind: str, number: int, company_id: int, took_ms: float
) -> None:
    """Takes one request into memory."""
    mark, path = time_ordered(), request.path_info
    length = request.META.get("CONTENT_LENGTH") or ""
    known = response.status_code != 404 and path.startswith(PREDICTORS_BELOW)
    _waiting.append(
        Row(
            id=mark,
            company_id=company_id,
            method=(request.method or "")[:8],
            path=path[:LONGEST_PATH],
            status=response.status_code,
            latency_ms=round(took_ms, 3),
            asker_kind=kind,
            asker_id=number,
            predictor=path.split("/", 4)[3][:40] if known else "",
            bytes_in=int(length) if length.isdecimal() and len(length) <= LONGEST_LENGTH else 0,
            bytes_out=0 if response.streaming else len(response.content),  # type: ignore[attr-defined]
            request_id=request_id.get(),
            created_at=time_of(mark),
        )
    )


def flush() -> int:
    """Writes what waits; says how many rows. Raises OperationalError or InterfaceError: then they still wait."""
    count = 0
    while _waiting:
        rows = [_waiting.popleft() for _ in range(min(len(_waiting), MOST_AT_ONCE))]
        try:
            _write(rows)
        except (OperationalError, InterfaceError):
            _waiting.extendleft(reversed(rows))
            raise
        except DatabaseError:
            _write_singly(rows)
        count += len(rows)
    return count


def _write(rows: list[Row]) -> None:
    # Rows of all companies in one statement: each says whose it is, as its key or token said.
    with installation_wide(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(WRITE, [without_nul(_encode(rows)).decode()])


def _write_singly(rows: list[Row]) -> None:
    """One that the database refuses must not hold up the others."""
    for row in rows:
        try:
            _write([row])
        except DatabaseError as problem:
            log.warning("a row of the log of requests was refused: %s", type(problem).__name__)


def watch() -> threading.Event:
    """Keeps writing in a thread, and once more when the process ends. Set the event returned to end it."""
    return keep_writing(
        "request-log", flush, every_s=FLUSH_S, log=log, trouble="the log of requests waits for the database"
    )


def forget() -> None:
    """Drops what waits."""
    _waiting.clear()


__all__ = ["Requests", "flush", "forget", "note", "watch"]
