"""API keys: a company's, and recognising them without a query per request. Who may make them: `key_making`.

A key carries 256 random bits, so a fast keyed hash is enough (no dictionary can be tried against it). What was
looked up is kept in the process for CACHE_S, so that revoking takes effect within that time everywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from platform_core.tenancy import company_in_force, current_company, installation_wide
from users import key_use
from users.models import ApiKey, Company, Scope

MARK = "pk_"
PREFIX_LENGTH = 10
CACHE_S = 4.0
"""Below the 5 s within which a revoked key must stop working."""
CACHE_SIZE = 10_000
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who asks: the key's id, its company and what it may do. Stands where Django expects a user."""

    key_id: int
    company_id: int
    scopes: frozenset[str]
    expires_at: datetime | None
    is_authenticated: bool = True
    is_active: bool = True


_lock = threading.Lock()
_cache: dict[str, tuple[float, KeyHolder]] = {}
_unknown: dict[str, float] = {}
"""Until when a hash is taken to be that of no key. Apart from the known ones, and of the same size, so that whoever
sends made-up keys pushes nobody's out."""


def digest(key: str) -> str:
    """The stored form of a key: BLAKE2b keyed by the installation's secret, in hex."""
    state = _keyed(settings.SECRET_KEY).copy()
    state.update(key.encode())
    return state.hexdigest()


@lru_cache(maxsize=2)
def _keyed(secret: str) -> hashlib.blake2b:
    return hashlib.blake2b(key=hashlib.sha256(secret.encode()).digest(), digest_size=32)


def create(
    *,
    company: Company,
    name: str,
    scopes: list[str],
    expires_at: datetime | None = None,
    by_person: int | None = None,
    by_key: int | None = None,
) -> tuple[ApiKey, str]:
    """A new key of a company, and its secret, which cannot be shown again. Unrecorded: see `key_making.issue`."""
    known = set(Scope.values)
    unknown = sorted(set(scopes) - known)
    if unknown:
        raise ValueError(f"There is no scope {', '.join(unknown)}; scopes are {', '.join(sorted(known))}.")
    secret = MARK + secrets.token_urlsafe(32)
    with company_in_force(company.pk):
        row: ApiKey = ApiKey.objects.create(
            company=company,
            name=name,
            prefix=secret[:PREFIX_LENGTH],
            hash=digest(secret),
            scopes=scopes,
            expires_at=expires_at,
            created_by_id=by_person,
            created_by_key_id=by_key,
        )
    return row, secret


def keys_of_company() -> QuerySet[ApiKey]:
    """The keys of the company in force, revoked ones too, the latest first, with who made them."""
    rows: QuerySet[ApiKey] = ApiKey.objects.filter(company_id=current_company())
    return rows.select_related("created_by", "created_by_key").order_by("-created_at", "-pk")


def forget_key(row: ApiKey) -> None:
    """This process looks a key up again when it comes next; the others do so within CACHE_S."""
    with _lock:
        _cache.pop(row.hash, None)


def recognise(key: str) -> KeyHolder | None:
    """Who holds this key, or None: unknown, expired or revoked."""
    if len(key) > LONGEST_KEY or not key.startswith(MARK) or not key.isascii():
        return None
    mark, now = digest(key), time.monotonic()
    found = _cache.get(mark)
    holder = found[1] if found is not None and found[0] >= now else None
    if holder is None:
        if _unknown.get(mark, 0.0) >= now:
            return None
        holder = _look_up(mark)
        _remember(mark, holder, now + CACHE_S)
    if holder is None or (holder.expires_at is not None and holder.expires_at <= timezone.now()):
        return None
    key_use.note(holder.key_id)
    return holder


def _look_up(mark: str) -> KeyHolder | None:
    with installation_wide():  # whose key this is, is what we ask
        row = ApiKey.across_companies.filter(hash=mark, revoked_at=None).first()
    if row is None or not hmac.compare_digest(row.hash, mark):
        return None
    return KeyHolder(row.pk, row.company_id, frozenset(row.scopes), row.expires_at)


def _remember(mark: str, holder: KeyHolder | None, until: float) -> None:
    with _lock:
        for kept in (_cache, _unknown):
            if len(kept) >= CACHE_SIZE:
                kept.clear()
        if holder is None:
            _cache.pop(mark, None)
            _unknown[mark] = until
        else:
            _cache[mark] = (until, holder)


def forget() -> None:
    """Empties what this process remembers of keys."""
    with _lock:
        _cache.clear()
        _unknown.clear()
    key_use.forget()


__all__ = ["KeyHolder", "create", "digest", "forget", "forget_key", "keys_of_company", "recognise"]
