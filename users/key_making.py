"""Making and revoking keys on somebody's word: nobody gives a key more than they have themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from platform_core.errors import NotAllowed, NotFound
from platform_core.tenancy import current_company
from users import audit, keys
from users.input_fields import Wrong, choice, line, listed, read
from users.keys import KeyHolder
from users.models import ApiKey, Company, Scope, User
from users.roles import grantable

LONGEST_NAME = 100
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def _scopes(value: Any) -> list[str]:
    asked = listed(choice(*Scope.values), most=len(Scope.values))(value)
    if not asked:
        raise Wrong("required", f"must name a scope at least: {', '.join(Scope.values)}")
    return [scope for scope in Scope.values if scope in asked]


def _expiry(value: Any) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise Wrong("wrong_type", "must be a time, as 2027-01-31T00:00:00Z, or null")
    try:
        moment = parse_datetime(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Wrong("invalid", "must be a time with its zone, as 2027-01-31T00:00:00Z")
    if not timezone.now() < moment < LATEST:
        raise Wrong("out_of_range", "must be in the future")
    return moment


RULES = {"name": line(LONGEST_NAME), "scopes": _scopes, "expires_at": _expiry}


def make(*, given: Any, by: User | KeyHolder) -> tuple[ApiKey, str]:
    """A key from {name, scopes, expires_at?}, and its secret, which is shown this once."""
    asked = read(given, RULES, required=("name", "scopes"))
    _check_within(asked, by)
    return issue(
        company=Company.objects.get(pk=current_company()),
        name=asked["name"],
        scopes=asked["scopes"],
        expires_at=asked.get("expires_at"),
        by_person=by.pk if isinstance(by, User) else None,
        by_key=by.key_id if isinstance(by, KeyHolder) else None,
    )


def issue(*, company: Company, name: str, scopes: list[str], **more: Any) -> tuple[ApiKey, str]:
    """`keys.create`, recorded: for who needs no leave (a command of the installation), or has it."""
    with transaction.atomic():
        row, secret = keys.create(company=company, name=name, scopes=scopes, **more)
        audit.record(audit.Event.KEY_CREATED, subject=f"key:{row.pk}", detail={"scopes": scopes}, company_id=company.pk)
    return row, secret


def revoke(*, key_id: int) -> ApiKey:
    """Ends a key of the company in force: here at once, in other processes within `keys.CACHE_S`. Again: no change."""
    with transaction.atomic():
        row = keys.keys_of_company().filter(pk=key_id).first()
        if row is None:
            raise NotFound("There is no such key.")
        if ApiKey.objects.filter(pk=key_id, revoked_at=None).update(revoked_at=timezone.now()):
            audit.record(audit.Event.KEY_REVOKED, subject=f"key:{key_id}")
            row.refresh_from_db(fields=["revoked_at"])
        transaction.on_commit(partial(keys.forget_key, row))
    return row


def _check_within(asked: dict[str, Any], by: User | KeyHolder) -> None:
    own = by.scopes if isinstance(by, KeyHolder) else grantable(by.role)
    beyond = sorted(set(asked["scopes"]) - own) if Scope.ADMIN not in own else []
    if beyond:
        raise NotAllowed(f"You may not give the scope {', '.join(beyond)}: it allows more than you may.", attr="scopes")
    if isinstance(by, KeyHolder) and by.expires_at is not None:
        expires_at = asked.get("expires_at")
        if expires_at is None or expires_at > by.expires_at:
            raise NotAllowed("A key cannot make one that outlives it: name an earlier expires_at.", attr="expires_at")


__all__ = ["issue", "make", "revoke"]
