"""Who did what: one event an act, in the transaction of the act itself, so that neither happens without the other.

Each company's events are a chain: an event's hash covers its content and the hash before it. Writers of one chain
wait for each other until their transaction ends: record last.
"""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from platform_core import logs, tenancy
from platform_core.errors import NoCompanyInForce
from users import asking
from users.event_names import Event
from users.events import AuditEvent

FIRST_PREVIOUS = "0" * 64
"""What the first event of a chain has for the hash before it."""
LOCKS = 0x41554454
"""The first half of our advisory locks' names ("AUDT"), so that they meet no other use of such locks."""
NAME = re.compile(r"[a-z_]+(\.[a-z_]+)*")
LONGEST_DETAIL = 8_000
"""Characters of an event's detail as JSON: it says what changed, it is no store."""


def record(
    act: str, *, subject: str = "", detail: dict[str, Any] | None = None, company_id: int | None = None
) -> AuditEvent:
    """Adds an event to the chain of `company_id`, else of the company in force, else of the installation.

    Joins the transaction that is open, and holds the chain until it ends. `detail` holds no secret and nothing of a
    person who is no member; `subject` is a mark such as `key:7`.
    """
    if not NAME.fullmatch(act):
        raise ValueError(f"{act!r} is no name of an act.")
    chain = company_id if company_id is not None else _company()
    who = asking.now_asking.get()
    event = AuditEvent(
        company_id=chain,
        at=timezone.now(),
        act=act,
        asker=who.mark if who else "",
        subject=_clean(subject)[:200],
        detail=_detail(detail or {}),
        address=asking.asked_from.get(),
        request_id=logs.request_id.get(),
    )
    # Without a savepoint: what fails here takes the whole transaction with it.
    with transaction.atomic(savepoint=False), chain_in_force(chain):
        _append(event)
    return event


def record_apart(
    act: str, *, subject: str = "", detail: dict[str, Any] | None = None, company_id: int | None = None
) -> AuditEvent:
    """`record` in a transaction of its own, for what must be kept although the request fails (a wrong password).
    Raises RuntimeError within another transaction, which could take the event with it."""
    with transaction.atomic(durable=True):
        return record(act, subject=subject, detail=detail, company_id=company_id)


def chain_in_force(chain: int | None) -> AbstractContextManager[None]:
    """Puts in force whose chain it is."""
    return tenancy.owner_in_force(chain)


def digest(event: AuditEvent) -> str:
    """The SHA-256 of an event's content and of the hash before it, over JSON in one spelling (sorted keys, ASCII)."""
    content = {
        "company": event.company_id,
        "sequence": event.sequence,
        "at": event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "act": event.act,
        "asker": event.asker,
        "subject": event.subject,
        "detail": event.detail,
        "address": event.address,
        "request_id": event.request_id,
        "previous": event.previous,
    }
    spelled = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(spelled.encode("ascii")).hexdigest()


def _append(event: AuditEvent) -> None:
    with connection.cursor() as cursor:
        # A statement of its own: the next one must see what the transaction before us committed.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashint8(%s))", [LOCKS, event.company_id or 0])
    chain = AuditEvent.across_companies if event.company_id is None else AuditEvent.objects
    last = chain.filter(company_id=event.company_id).order_by("-sequence").values_list("sequence", "hash").first()
    before, event.previous = last or (0, FIRST_PREVIOUS)
    event.sequence = before + 1
    event.hash = digest(event)
    event.save(force_insert=True)


def _company() -> int | None:
    try:
        return tenancy.current_company()
    except NoCompanyInForce:
        return None


def _clean(text: str) -> str:
    """A text that PostgreSQL keeps as it is: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _plain(value: Any) -> Any:
    """A value that comes back from JSON in the database as it went in. Fractions do not: they become text."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, dict):
        return {_clean(str(key)): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, datetime):
        return value.isoformat()
    return _clean(str(value))


def _detail(given: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = _plain(given)
    length = len(json.dumps(found))
    return found if length <= LONGEST_DETAIL else {"left_out": f"{length} characters"}


__all__ = ["Event", "chain_in_force", "digest", "record", "record_apart"]
