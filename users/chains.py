"""Are the chains of the audit whole? Each event's hash is computed again, from the first to the last.

A chain that was cut off at its end is whole as far as it goes: only a head that was kept elsewhere shows the loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from platform_core.errors import InputInvalid
from platform_core.tenancy import installation_wide
from users import audit
from users.events import AuditEvent
from users.models import Company

PAGE = 1_000
"""Events in memory at a time."""
INSTALLATION = "@"
"""Names the installation's own chain, where a slug names a company's: no slug holds this sign."""
HASH_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of a chain. `events`: how many link up; `head`: the hash of the last of them; `broken`: what is
    wrong with the first link that does not hold, or empty."""

    name: str
    events: int
    head: str
    broken: str = ""


def names() -> dict[int | None, str]:
    """All chains, the installation's first: those of companies that are gone are named `@` and their number."""
    with installation_wide():
        known = dict(Company.objects.order_by("pk").values_list("pk", "slug"))
        found = AuditEvent.across_companies.order_by().values_list("company_id", flat=True).distinct()
        gone = sorted({number for number in found if number is not None} - set(known))
    return {None: INSTALLATION, **known, **{number: f"{INSTALLATION}{number}" for number in gone}}


def verify(chain: int | None, name: str, expected: Mapping[int, str]) -> Verdict:
    """Walks a chain. `expected`: hashes that were kept elsewhere, by their place in it."""
    place, head = 0, audit.FIRST_PREVIOUS
    with audit.chain_in_force(chain):
        while events := _after(chain, place):
            for event in events:
                wrong = _wrong(event, place, head, expected)
                if wrong:
                    return Verdict(name, place, head, f"event {place + 1}: {wrong}")
                place, head = event.sequence, event.hash
    lost = [kept for kept in expected if kept > place]
    if lost:
        return Verdict(name, place, head, f"event {place + 1}: the chain ends before it, and once reached {max(lost)}")
    return Verdict(name, place, head)


def _after(chain: int | None, place: int) -> list[AuditEvent]:
    rows = AuditEvent.across_companies.filter(company_id=chain, sequence__gt=place)
    return list(rows.order_by("sequence")[:PAGE])


def _wrong(event: AuditEvent, place: int, head: str, expected: Mapping[int, str]) -> str:
    """What is wrong with the event that follows `place`, or nothing."""
    if event.sequence != place + 1:
        return f"it is missing; the next one is {event.sequence}"
    if event.previous != head:
        return "it does not follow on the event before it"
    if audit.digest(event) != event.hash:
        return f"its content is not what was written (it now says {event.act} at {event.at:%Y-%m-%d %H:%M:%S} UTC)"
    if expected.get(event.sequence, event.hash) != event.hash:
        return "its hash is not the one that was kept: the chain was written anew"
    return ""


def parse_head(text: str) -> tuple[str, int, str]:
    """`COMPANY:SEQUENCE:HASH` as it was printed. Raises InputInvalid."""
    name, _, rest = text.strip().partition(":")
    place, _, kept = rest.partition(":")
    digits = kept.lower()
    if not name or not place.isdecimal() or len(digits) != HASH_DIGITS or set(digits) - set("0123456789abcdef"):
        raise InputInvalid(f"--expect takes COMPANY:SEQUENCE:HASH as verify_audit prints it, not {text[:80]!r}.")
    return name, int(place), digits


__all__ = ["INSTALLATION", "Verdict", "names", "parse_head", "verify"]
