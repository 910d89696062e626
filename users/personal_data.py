"""Where a person's data is. Each room that holds some registers its place; the export asks all of them, the erasure
reaches all of them.

A person is sought by their e-mail address, and by the identifiers under which a place knows that address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import idna

from users.emails import canonical
from users.models import Membership
from users.privacy import digest


@dataclass(frozen=True, slots=True)
class Person:
    """Who is sought in a company. `spellings`: how their address may be written; `digests`: what stands where one of
    them was redacted; `member`: the account of theirs that belongs to the company; `identifiers`: what the company's
    systems know them by; `found`: what a place has looked up once and need not again."""

    company_id: int
    email: str
    spellings: frozenset[str]
    digests: frozenset[str]
    member: int | None = None
    identifiers: frozenset[str] = frozenset()
    found: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def digest(self) -> str:
        """What stands for them in receipts and in the audit."""
        return digest(self.company_id, self.email)


def _none(person: Person) -> list[Any]:
    return []


def _nothing(person: Person) -> dict[str, int]:
    return {}


@dataclass(frozen=True, slots=True)
class Place:
    """What one room holds of people. `held`: for the export, as JSON; `erase`: how many of what were erased, again
    and again with the same end; `kept`: what stays after that, and why; `identifiers`: what else it knows them by."""

    name: str
    held: Callable[[Person], Any]
    erase: Callable[[Person], dict[str, int]] = _nothing
    kept: Callable[[Person], list[dict[str, Any]]] = _none
    identifiers: Callable[[Person], Iterable[str]] = _none


_places: dict[str, Place] = {}


def register(place: Place) -> None:
    """Adds a place, or puts it in the place of the one of that name. Called by the room's app once it is ready."""
    _places[place.name] = place


def places() -> list[Place]:
    """All places, by name."""
    return [_places[name] for name in sorted(_places)]


def person(company_id: int, email: str) -> Person:
    """Who has this address, as far as the company (which is in force) knows. Raises EmailInvalid."""
    known = canonical(email)
    local, _, domain = known.rpartition("@")
    spellings = frozenset({known, email.strip().casefold(), f"{local}@{idna.decode(domain)}"})
    membership = Membership.objects.filter(company_id=company_id, user__email__iexact=known).first()
    found = Person(
        company_id=company_id,
        email=known,
        spellings=spellings,
        digests=frozenset(digest(company_id, spelling) for spelling in spellings),
        member=membership.user_id if membership else None,
    )
    known_by = frozenset(name for place in places() for name in place.identifiers(found) if name)
    return replace(found, identifiers=known_by)


__all__ = ["Person", "Place", "person", "places", "register"]
