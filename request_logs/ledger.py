"""Each prediction is kept before its answer leaves: what was answered to whom can be shown, whatever happens next."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from platform_core.errors import DatabaseUnavailable
from platform_core.prepared import PreparedCall
from request_logs.group_commit import GroupCommit

call = PreparedCall("request_logs_keep", "SELECT request_logs_keep($1, $2)")
"""Rows that a repeated call brings again stay as they are."""
NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One prediction, as `models.Prediction` says."""

    company_id: int
    id: UUID
    asker_kind: str
    asker_id: int
    predictor: str
    version: str
    version_company: int | None
    parts: list[dict[str, Any]] | None
    external_id: str
    input: Mapping[str, Any]
    redacted: list[str]
    output: dict[str, Any]
    raw: Any
    base: Any
    reasons: Any
    latency_ms: float
    request_id: str
    created_at: datetime


def keep(entries: Sequence[Entry]) -> None:
    """Returns once the entries are kept for good. Within a transaction they are kept with it. Raises
    DatabaseUnavailable: then no answer may be given out."""
    if not entries:
        return
    if connection.in_atomic_block:
        companies, batches = written(entries)
        with connection.cursor() as cursor:
            cursor.execute("SELECT request_logs_keep(%s, %s)", [companies.decode(), batches.decode()])
    else:
        _group.keep(entries)


def written(entries: Sequence[Entry]) -> tuple[bytes, bytes]:
    """The two arguments of the ledger's function: the companies as an array, and a JSON list of each one's rows."""
    first = entries[0].company_id
    if all(entry.company_id == first for entry in entries):
        return b"{%d}" % first, without_nul(_encode([entries]))
    by_company: dict[int, list[Entry]] = {}
    for entry in entries:
        by_company.setdefault(entry.company_id, []).append(entry)
    return (",".join(map(str, by_company)).join("{}")).encode(), without_nul(_encode(list(by_company.values())))


def _write(entries: Sequence[Entry]) -> None:
    call(*written(entries))


def _other(value: Any) -> Any:
    """What msgspec does not know: numpy's scalars."""
    item = getattr(value, "item", None)
    return item() if callable(item) else str(value)


def without_nul(text: bytes) -> bytes:
    """PostgreSQL keeps no NUL in a text: U+FFFD stands in its place."""
    return NUL.sub(rb"\1\\ufffd", text) if b"\\u0000" in text else text


_encode = msgspec.json.Encoder(enc_hook=_other, decimal_format="string").encode
_group: GroupCommit[Entry] = GroupCommit(_write, DatabaseUnavailable)

__all__ = ["Entry", "call", "keep", "without_nul", "written"]
