"""The one writer of records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import msgspec
from django.db import connection, transaction

from platform_core.errors import InputInvalid
from platform_core.records.cleaning import Rejected, cleaned
from platform_core.records.kinds import CUSTOMER, KINDS, Kind, kind_of
from platform_core.records.statements import LOCK, link, write
from platform_core.tenancy import current_company
from users import audit

LONGEST_SOURCE = 40
SOURCE = r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$"
BATCH = 10_000
"""Rows in one statement."""


@dataclass(slots=True)
class Counts:
    """What became of the rows given: each is counted once, or in `rejected`. `stale`: a newer version was known."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    stale: int = 0
    rejected: list[Rejected] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The same as the API answers it."""
        return asdict(self)


@transaction.atomic
def upsert(kind: str, rows: Iterable[Any], *, source: str) -> Counts:
    """Takes versions of records into the company in force, all in one transaction. A row is a whole record: what it
    does not say is unknown from now on. Of two versions of a record the one with the later `source_updated_at` counts,
    in whatever order they come; at the same time the later come. Raises NotFound (kind) and InputInvalid (source)."""
    wanted, now, counts = kind_of(kind), datetime.now(UTC), Counts()
    name, place, left = source_name(source), 0, iter(rows)
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [f"records:{current_company()}:{wanted.name}:{name}"])
    while batch := list(islice(left, BATCH)):
        good = []
        for row in batch:
            one = cleaned(wanted, row, place, now)
            place += 1
            if isinstance(one, Rejected):
                counts.rejected.append(one)
            else:
                good.append(one)
        for wave in _waves(good):
            _write(wanted, wave, name, counts)
    return counts


@transaction.atomic
def bring(kind: str, rows: Iterable[Any], *, source: str) -> Counts:
    """`upsert` for a person or a program that brings rows itself: the audit says who brought how many."""
    counts = upsert(kind, rows, source=source)
    told = {"source": source_name(source), **counts.as_json(), "rejected": len(counts.rejected)}
    audit.record(audit.Event.RECORDS_BROUGHT, subject=f"records:{kind_of(kind).plural}", detail=told)
    return counts


def source_name(source: Any) -> str:
    """The name of a source. Raises InputInvalid."""
    if not isinstance(source, str) or not re.fullmatch(SOURCE, source, re.ASCII):
        raise InputInvalid(
            f"source must be 1 to {LONGEST_SOURCE} letters, digits, blanks, '.', '_', '-', as crm.", attr="source"
        )
    return source


def _waves(rows: Sequence[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """The rows so that each record is at most once in a wave, its older versions in earlier ones: none is lost to its
    history."""
    seen: dict[str, int] = {}
    waves: list[list[dict[str, Any]]] = []
    for row in sorted(rows, key=lambda row: row["source_updated_at"]):
        number = seen.get(row["external_id"], 0)
        seen[row["external_id"]] = number + 1
        if number == len(waves):
            waves.append([])
        waves[number].append(row)
    return waves


def _write(kind: Kind, rows: list[dict[str, Any]], source: str, counts: Counts) -> None:
    values: dict[str, Any] = {"company": current_company(), "source": source, "kind": kind.name}
    marks = [row["external_id"] for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(write(kind.name), {**values, "rows": msgspec.json.encode(rows).decode()})
        created, updated, unchanged, stale = cursor.fetchone()
        for one in KINDS.values() if kind is CUSTOMER and created else ():
            if one.owned:
                cursor.execute(link(one), {**values, "marks": marks})
    counts.created += created
    counts.updated += updated
    counts.unchanged += unchanged
    counts.stale += stale


__all__ = ["Counts", "bring", "source_name", "upsert"]
