"""Who asks, from where: told once by the authentication classes (for pages, by the sign-in), and read by whatever
writes it down (ledger, audit, limits) without passing a request around."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal

from platform_core.errors import NotSignedIn
from platform_core.tenancy import company_or_none
from users.keys import KeyHolder
from users.models import User
from users.origin import asked_from

Kind = Literal["key", "person", "records"]


@dataclass(frozen=True, slots=True)
class Asker:
    """A key or a person; or the company's records, in which an outcome was found. `label` is for people's eyes (a
    person's e-mail, a key's number): it is shown, never kept."""

    kind: Kind
    id: int
    label: str
    company_id: int | None

    @property
    def mark(self) -> str:
        """The form that is written down: `key:7`, `person:3`."""
        return f"{self.kind}:{self.id}"


now_asking: ContextVar[Asker | None] = ContextVar("now_asking", default=None)
"""Set by the authentication classes, taken back by the middleware."""


def of(user: Any, company_id: int | None = None) -> Asker | None:
    """The asker that DRF's or Django's `request.user` stands for; None for nobody."""
    if isinstance(user, KeyHolder):
        return Asker("key", user.key_id, f"key {user.key_id}", user.company_id)
    if isinstance(user, User):
        return Asker("person", user.pk, user.email, company_id)
    return None


def asker(request: Any) -> Asker | None:
    """Who sent this request; None for nobody."""
    return now_asking.get() or of(getattr(request, "user", None))


def mark_now() -> str:
    """The mark of who asks now; empty for nobody."""
    who = now_asking.get()
    return who.mark if who else ""


def company_now() -> int | None:
    """The company in force, or that of who asks: a page's is in force only while the page is made."""
    who = now_asking.get()
    return company_or_none() or (who.company_id if who else None)


def required(request: Any) -> Asker:
    """Who sent this request, which nobody unknown gets to send. Raises NotSignedIn."""
    who = asker(request)
    if who is None:
        raise NotSignedIn
    return who


__all__ = ["Asker", "asked_from", "asker", "company_now", "mark_now", "now_asking", "of", "required"]
