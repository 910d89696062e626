"""The gate that a request passes: whom it counts against, and what is said where it may not pass."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

from api_gateway.limits.leases import Book, Claim, Standing, Store
from api_gateway.limits.postgres import PostgresStore
from api_gateway.limits.windows import Budget, Plan, plan
from platform_core.addresses import client_address, site
from platform_core.errors import Throttled

clock = time.time
"""Tests put their own in its place."""
_site = lru_cache(maxsize=4096)(site)
_state: dict[str, Book] = {}
_plans: dict[int, tuple[Mapping[str, int], Plan]] = {}


def _now() -> float:
    return clock()


def _store() -> Store:
    if not settings.CACHE_URL:
        return PostgresStore()
    from api_gateway.limits.redis import RedisStore  # a tenth of a second of import that most installations need not

    return RedisStore(settings.CACHE_URL)


def book() -> Book:
    """This process's leases."""
    found = _state.get("book")
    return found if found is not None else _state.setdefault("book", Book(_store(), _now))


def forget() -> None:
    """Drops this process's leases and its connection to the counters."""
    _state.clear()
    PostgresStore().close()


def redis_answers() -> bool | None:
    """Whether the Redis that holds the counters can be reached; None where the settings name none."""
    if not settings.CACHE_URL:
        return None
    from api_gateway.limits.redis import RedisStore

    store = book().store
    return isinstance(store, RedisStore) and store.answers()


def _plan() -> Plan:
    limits: Mapping[str, int] = settings.LIMITS
    found = _plans.get(id(limits))
    if found is None or found[0] is not limits:
        _plans.clear()
        found = _plans[id(limits)] = (limits, plan(limits))
    return found[1]


def of_address(request: HttpRequest, *, sign_in: bool = False) -> list[Claim]:
    """What a request counts against by where it comes from; more tightly where it tries to sign in."""
    known = _plan()
    windows = known.sign_in + known.address if sign_in else known.address
    if not windows:
        return []
    subject = _site(client_address(request))
    return [(window, subject) for window in windows]


def of_asker(*, key_id: int | None, user_id: int | None, company_id: int | None, budget: Budget) -> list[Claim]:
    """What a request counts against by who asks: its key or its person, and their company."""
    known = _plan()
    own, subject = (known.user, user_id) if key_id is None else (known.key, key_id)
    claims = [(window, str(subject)) for window in own[budget]]
    if company_id is not None:
        claims += [(window, str(company_id)) for window in known.company[budget]]
    return claims


def charge(claims: list[Claim], cost: int = 1) -> Standing | None:
    """Takes the cost, or says that it may not pass (`refused`)."""
    return book().charge(claims, cost) if claims else None


def give_back(claims: list[Claim], cost: int) -> None:
    """What was charged for something that an equal request did."""
    if claims:
        book().give_back(claims, cost)


def throttled(standing: Standing, cost: int) -> Throttled:
    """The refusal, in words: which limit, and when or how to come again."""
    window = standing.window
    if cost > window.most:
        detail = (
            f"This request costs {cost:,}, more than the limit of {window.name} lets one request take "
            f"({window.most:,}). Waiting does not help: split it."
        )
    else:
        wait = f"Try again in {standing.reset_s} s."
        cause = f"This costs {cost:,} and {standing.remaining:,} remain. " if cost > 1 else ""
        detail = f"The limit of {window.name} is reached. {cause}{wait}"
    return Throttled(detail, retry_after_s=standing.reset_s)


def tightest(first: Standing | None, second: Standing | None) -> Standing | None:
    """Of two standings, the one to tell."""
    if first is None or second is None:
        return first or second
    return second if second.refused or second.remaining <= first.remaining else first


def headers(standing: Standing) -> dict[str, str]:
    """What an answer says of the limit that it is nearest to."""
    return {
        "RateLimit-Limit": str(standing.window.limit),
        "RateLimit-Remaining": str(standing.remaining),
        "RateLimit-Reset": str(standing.reset_s),
    }


__all__ = [
    "Budget", "book", "charge", "forget", "give_back", "headers", "of_address", "of_asker",
    "redis_answers", "throttled", "tightest",
]  # fmt: skip
