"""What this room holds of a person in a company: their place in it, invitations to them, and what the audit says they
did. An account is its person's own, and may belong to several companies: an erasure by one of them leaves it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from users.events import AuditEvent
from users.models import ApiKey, Invitation, Membership
from users.personal_data import Person, Place

MOST_EVENTS = 10_000
"""Of the audit, the latest so many are exported; `audit_events` says how many there are."""
WHY_KEPT = "They are a member: remove them from the company first; their account is their own."


def held(person: Person) -> dict[str, Any]:
    """Membership, keys made, invitations, and the audit's events by and about them."""
    return {
        "membership": _membership(person),
        "invitations": list(
            _invitations(person).values("id", "role", "created_at", "expires_at", "accepted_at", "withdrawn_at")
        ),
        **_as_member(person),
    }


def kept(person: Person) -> list[dict[str, Any]]:
    """The membership that stays."""
    return [{"what": "membership", "why": WHY_KEPT}] if person.member is not None else []


def erase(person: Person) -> dict[str, int]:
    """Invitations go."""
    return {"invitations": _invitations(person).delete()[0]}


def _membership(person: Person) -> dict[str, Any] | None:
    if person.member is None:
        return None
    row = Membership.objects.select_related("user").filter(company_id=person.company_id, user_id=person.member).first()
    if row is None:
        return None
    return {
        "id": row.user_id,
        "email": row.user.email,
        "full_name": row.user.full_name,
        "role": row.role,
        "since": row.created_at,
        "last_sign_in": row.user.last_login,
    }


def _as_member(person: Person) -> dict[str, Any]:
    if person.member is None:
        return {"keys": [], "audit_events": 0, "audit": []}
    mark = f"person:{person.member}"
    events = AuditEvent.objects.filter(Q(asker=mark) | Q(subject=mark)).order_by("-sequence")
    columns = ("sequence", "at", "act", "asker", "subject", "detail", "address", "request_id")
    return {
        "keys": list(ApiKey.objects.filter(created_by=person.member).values("id", "name", "created_at")),
        "audit_events": events.count(),
        "audit": list(events.values(*columns)[:MOST_EVENTS]),
    }


def _invitations(person: Person) -> QuerySet[Invitation]:
    fits = Q()
    for spelling in person.spellings:
        fits |= Q(email__iexact=spelling)
    rows: QuerySet[Invitation] = Invitation.objects.filter(fits)
    return rows


PLACE = Place("account", held=held, erase=erase, kept=kept)

__all__ = ["PLACE"]
