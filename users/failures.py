"""A failed sign-in, written down after it was answered: looking up whose it was would tell by its time that the
address is somebody's."""

from __future__ import annotations

from typing import Any

from platform_core import logs
from users import asking, audit
from users.models import User
from users.people import memberships


def note(payload: dict[str, Any]) -> None:
    """The errand of a failed sign-in: each company of the person concerned sees it, the installation sees the rest."""
    person = User.objects.filter(email=payload["name"]).first()
    event = audit.Event.LOCKED_OUT if payload["locked"] else audit.Event.SIGN_IN_FAILED
    where, which = asking.asked_from.set(payload["address"]), logs.request_id.set(payload["request_id"])
    try:
        if person is None:
            audit.record(event)
            return
        for company_id in sorted(place.company_id for place in memberships(person)):
            audit.record(event, subject=f"person:{person.pk}", company_id=company_id)
    finally:
        asking.asked_from.reset(where)
        logs.request_id.reset(which)


__all__ = ["note"]
