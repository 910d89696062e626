"""API keys: making them, and recognising them without a query per request.

A key carries 256 random bits, so a fast keyed hash is enough (no dictionary can be tried against it). What was
looked up is kept in the process for CACHE_S, so that revoking takes effect within that time everywhere.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.utils import timezone

from platform_core.tenancy import company_in_force, installation_wide
from users.models import ApiKey, Company, Scope

MARK = "pk_"
CACHE_S = 4.0
"""Below the 5 s within which a revoked key must stop working."""
CACHE_SIZE = 10_000
LONGEST_KEY = 200

_cache: dict[str, tuple[float, KeyHolder | None]] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who asks: the key's id, its company and what it may do. Stands where Django expects a user."""

    key_id: int
    company_id: int
    scopes: frozenset[str]
    expires_at: datetime | None
    is_authenticated: bool = True
    is_active: bool = True


def digest(key: str) -> str:
    """The stored form of a key: BLAKE2b keyed by the installation's secret, in hex."""
    state = _keyed(settings.SECRET_KEY).copy()
    state.update(key.encode())
    return state.hexdigest()


@lru_cache(maxsize=2)
def _keyed(secret: str) -> hashlib.blake2b:
    return hashlib.blake2b(key=hashlib.sha256(secret.encode()).digest(), digest_size=32)


def create(*, company: Company, name: str, scopes: list[str], expires_at: datetime | None = None) -> tuple[ApiKey, str]:
    """A new key of a company, and its secret, which cannot be shown again."""
    known = set(Scope.values)
    unknown = sorted(set(scopes) - known)
    if unknown:
        raise ValueError(f"There is no scope {', '.join(unknown)}; scopes are {', '.join(sorted(known))}.")
    secret = MARK + secrets.token_urlsafe(32)
    with company_in_force(company.pk):
        row: ApiKey = ApiKey.objects.create(
            company=company, name=name, prefix=secret[:10], hash=digest(secret), scopes=scopes, expires_at=expires_at
        )
    return row, secret


def recognise(key: str) -> KeyHolder | None:
    """Who holds this key, or None: unknown, expired or revoked."""
    if len(key) > LONGEST_KEY or not key.isascii():
        return None
    mark, now = digest(key), time.monotonic()
    found = _cache.get(mark)
    if found is None or found[0] < now:
        found = (now + CACHE_S, _look_up(mark))
        with _lock:
            if len(_cache) >= CACHE_SIZE:
                _cache.clear()
            _cache[mark] = found
    holder = found[1]
    if holder is not None and holder.expires_at is not None and holder.expires_at <= timezone.now():
        return None
    return holder


def _look_up(mark: str) -> KeyHolder | None:
    with installation_wide():  # whose key this is, is what we ask
        row = ApiKey.across_companies.filter(hash=mark, revoked_at=None).first()
    if row is None:
        return None
    return KeyHolder(row.pk, row.company_id, frozenset(row.scopes), row.expires_at)


def forget() -> None:
    """Empties this process's cache."""
    with _lock:
        _cache.clear()


__all__ = ["KeyHolder", "create", "digest", "forget", "recognise"]
