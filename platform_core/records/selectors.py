"""Reads of records: lists along the id, newest first, and what a page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from platform_core.errors import InputInvalid, NotFound
from platform_core.records.kinds import KINDS, Kind
from platform_core.records.models import BusinessRecord
from users.emails import canonical


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; empty: not narrowed. `email`: in any spelling. `search`: a part of an id, an address
    or a name. `since` is included, `until` is not; they are of when it happened."""

    source: str = ""
    external_id: str = ""
    email: str = ""
    customer_ref: str = ""
    search: str = ""
    since: datetime | None = None
    until: datetime | None = None


def page(kind: Kind, *, filters: Filters, before: int | None, size: int) -> tuple[list[BusinessRecord], int | None]:
    """A page of a kind, and where the next begins. Raises EmailInvalid, and InputInvalid for a filter that this kind
    cannot have."""
    rows = kind.model.objects.filter(_narrowed(kind, filters))
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows.order_by("-id")[: size + 1])
    return found[:size], (found[size - 1].pk if len(found) > size else None)


def one(kind: Kind, record_id: int) -> BusinessRecord:
    """One record. Raises NotFound."""
    found: BusinessRecord | None = kind.model.objects.filter(pk=record_id).first()
    if found is None:
        raise NotFound(f"There is no {kind.name} {record_id}.")
    return found


def line(kind: Kind, row: BusinessRecord) -> dict[str, Any]:
    """A record as plain data."""
    first = ("id", "source", "external_id", "source_updated_at", "recorded_at")
    return {name: getattr(row, name) for name in (*first, *(column.name for column in kind.columns))}


def counts() -> list[dict[str, Any]]:
    """How many records of each kind each source has, and when the latest was changed there."""
    found: list[dict[str, Any]] = []
    for plural, kind in KINDS.items():
        rows = kind.model.objects.values("source").annotate(count=Count("pk"), latest=Max("source_updated_at"))
        found += [{"kind": plural, **row} for row in rows.order_by("source")]
    return found


def _narrowed(kind: Kind, filters: Filters) -> Q:
    asked = Q()
    if filters.source:
        asked &= Q(source=filters.source)
    if filters.external_id:
        asked &= Q(external_id=filters.external_id)
    if filters.email:
        asked &= Q(email=canonical(filters.email))
    if filters.customer_ref:
        if not kind.owned:
            raise InputInvalid(f"{kind.plural} have no customer_ref.", attr="customer_ref")
        asked &= Q(customer_ref=filters.customer_ref)
    if filters.search:
        named = [column.name for column in kind.columns if column.name in ("name", "company_name")]
        anywhere = Q()
        for name in ("external_id", "email", *named):
            anywhere |= Q(**{f"{name}__icontains": filters.search})
        asked &= anywhere
    if filters.since:
        asked &= Q(**{f"{kind.moment}__gte": filters.since})
    if filters.until:
        asked &= Q(**{f"{kind.moment}__lt": filters.until})
    return asked


__all__ = ["Filters", "counts", "line", "one", "page"]
