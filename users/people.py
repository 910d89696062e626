"""People: their companies, their names; what they do as people, every company of theirs finds in its own audit."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from platform_core.tenancy import installation_wide
from users import asking, audit
from users.event_names import PROVEN
from users.models import Company, Membership, User


def memberships(person: User) -> list[Membership]:
    """A person's places, the first they joined first, each with its company."""
    with installation_wide():  # of which companies somebody is a member, no single company can say
        return list(Membership.objects.filter(user=person).select_related("company", "user").order_by("pk"))


@transaction.atomic
def change(*, person: User, **changes: str) -> User:
    """A person with another name."""
    for name, value in changes.items():
        setattr(person, name, value)
    person.save(update_fields=list(changes))
    if changes:
        record_for(person, audit.Event.CHANGED_PERSON, {"fields": sorted(changes)})
    return person


def record_for(person: User, event: audit.Event, detail: dict[str, Any] | None = None) -> None:
    """Records an act of a person in each of their companies' chains. To be called last in a transaction. Where nobody
    has signed in, only what nobody else can do is said to be their own act."""
    known = asking.now_asking.set(asking.now_asking.get() or (asking.of(person) if event in PROVEN else None))
    try:
        # In one order, so that two who write the same chains never wait for each other.
        for company_id in sorted(place.company_id for place in memberships(person)):
            audit.record(event, subject=f"person:{person.pk}", detail=detail, company_id=company_id)
    finally:
        asking.now_asking.reset(known)


def record_in(company: Company | int, person: User, event: audit.Event, detail: dict[str, Any] | None = None) -> None:
    """Records an act of a person in one company's chain."""
    company_id = company if isinstance(company, int) else company.pk
    known = asking.now_asking.set(asking.of(person, company_id))
    try:
        audit.record(event, subject=f"person:{person.pk}", detail=detail, company_id=company_id)
    finally:
        asking.now_asking.reset(known)


__all__ = ["change", "memberships", "record_for", "record_in"]
