"""What the records hold of a person: those with their address, and what belongs to them as a customer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, Q
from django.forms.models import model_to_dict

from platform_core.records.kinds import CUSTOMER, KINDS, Kind
from platform_core.records.models import Customer, RecordChange
from users.personal_data import Person, Place

MOST_EXPORTED = 10_000
"""Rows of a kind in one export, the latest first."""


def identifiers(person: Person) -> Iterable[str]:
    """What their lead and customer records are called at their sources, where nobody else's are called so."""
    found: set[str] = set()
    people = [KINDS[plural].model.objects for plural in ("leads", "customers")]
    for rows in people:
        found |= set(rows.filter(email=person.email).values_list("external_id", flat=True))
    for rows in people:
        others = rows.filter(external_id__in=found).exclude(email=person.email)
        found -= set(others.values_list("external_id", flat=True))
    return found


def held(person: Person) -> dict[str, list[dict[str, Any]]]:
    """Their records, by kind."""
    return {kind.plural: [_shown(row) for row in _rows(kind, person)[:MOST_EXPORTED]] for kind in KINDS.values()}


def erase(person: Person) -> dict[str, int]:
    """Removes their records, with what was known of them before."""
    counts: dict[str, int] = {}
    # What belongs to customers goes before them: it points to them.
    for kind in sorted(KINDS.values(), key=lambda one: one is CUSTOMER):
        marks = list(_rows(kind, person).values_list("pk", flat=True))
        RecordChange.objects.filter(kind=kind.name, record_id__in=marks).delete()
        kind.model.objects.filter(pk__in=marks).delete()
        counts[kind.plural] = len(marks)
    return counts


def _rows(kind: Kind, person: Person) -> Any:
    theirs = Q(email=person.email)
    if kind.owned:
        theirs |= Q(customer__in=Customer.objects.filter(email=person.email))
    return kind.model.objects.filter(theirs)


def _shown(row: Model) -> dict[str, Any]:
    return {name: value for name, value in model_to_dict(row).items() if name not in ("id", "company", "customer")}


PLACE = Place("records", held=held, erase=erase, identifiers=identifiers)

__all__ = ["PLACE"]
