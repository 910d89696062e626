"""A failed sign-in, written down after it was answered: looking up whose it was would tell by its time that the
address is somebody's."""

from __future__ import annotations

from typing import Any

from users import audit
from users.models import User
from users.people import record_for


def note(payload: dict[str, Any]) -> None:
    """The errand of a failed sign-in: each company of the person concerned sees it, the installation sees the rest."""
    person = User.objects.filter(email=payload["name"]).first()
    event = audit.Event.LOCKED_OUT if payload["locked"] else audit.Event.SIGN_IN_FAILED
    if person is None:
        audit.record(event)
    else:
        record_for(person, event)


__all__ = ["note"]
