"""The counters that all processes share keep one rule, wherever they are: memory, PostgreSQL, Redis."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api_gateway.limits import postgres
from api_gateway.limits.leases import Ask, Book, Lease, Store
from api_gateway.limits.local import LocalStore
from api_gateway.limits.postgres import PostgresStore
from api_gateway.limits.redis import AWAY_S, RedisStore
from tests.api_gateway.counters import HAS_REDIS, NOON, WHY_NO_REDIS, Clock, day, minute, redis_server

# The store asks for the database by name, which the marking of tests does not see.
pytestmark = pytest.mark.database
with_redis = pytest.mark.skipif(not HAS_REDIS, reason=WHY_NO_REDIS)


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    """A Redis of this module's own. Its socket's path must be short."""
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as url:
        yield url


@pytest.fixture(params=["memory", "postgres", pytest.param("redis", marks=with_redis)])
def store(request: pytest.FixtureRequest) -> Store:
    """Each kind of store, empty."""
    if request.param == "memory":
        return LocalStore()
    if request.param == "postgres":
        request.getfixturevalue("db")
        return PostgresStore()
    made = RedisStore(request.getfixturevalue("redis_url"))
    made.client.flushdb()
    return made


def lease(store: Store, need: int, limit: int = 100, start: int = NOON) -> Lease:
    return store.lease([Ask("one", start, 60, limit, need)])["one"]


def test_a_block_is_a_twentieth_of_what_remains(store: Store) -> None:
    assert lease(store, 1, 600) == Lease(NOON, 30, 30)
    assert lease(store, 1, 600) == Lease(NOON, 58, 28)
    assert lease(store, 500, 600) == Lease(NOON, 558, 500)
    assert lease(store, 1, 600) == Lease(NOON, 560, 2)


def test_blocks_have_a_largest_size(store: Store) -> None:
    assert lease(store, 1, 1_000_000).granted == 50


def test_what_does_not_remain_is_not_given_and_takes_nothing(store: Store) -> None:
    lease(store, 95)
    assert lease(store, 6) == Lease(NOON, 95, 0)
    assert lease(store, 5) == Lease(NOON, 100, 5)
    assert lease(store, 1) == Lease(NOON, 100, 0)


def test_the_next_window_begins_anew(store: Store) -> None:
    lease(store, 100)
    assert lease(store, 3, start=NOON + 60) == Lease(NOON + 60, 5, 5)


def test_more_than_the_limit_is_booked_on_the_next_windows(store: Store) -> None:
    assert lease(store, 250) == Lease(NOON, 250, 250)
    assert lease(store, 1, start=NOON + 60) == Lease(NOON + 60, 150, 0)
    assert lease(store, 1, start=NOON + 120) == Lease(NOON + 120, 52, 2)


def test_more_than_the_limit_is_not_given_late_in_a_window(store: Store) -> None:
    lease(store, 50)
    assert lease(store, 250) == Lease(NOON, 50, 0)


def test_a_process_whose_clock_is_behind_counts_in_the_window_of_the_others(store: Store) -> None:
    lease(store, 100, start=NOON + 60)
    assert lease(store, 1) == Lease(NOON + 60, 100, 0)


def test_a_limit_that_was_changed_counts_at_once(store: Store) -> None:
    lease(store, 100)
    assert lease(store, 1, 200) == Lease(NOON, 105, 5)
    assert lease(store, 1, 50).granted == 0


def test_several_counters_are_one_question(store: Store) -> None:
    asks = [Ask("b", NOON, 60, 100, 1), Ask("a", NOON, 86_400, 40, 2)]
    assert store.lease(asks) == {"a": Lease(NOON, 2, 2), "b": Lease(NOON, 5, 5)}


def test_postgres_is_asked_once_for_a_block(db: None, clock: Clock) -> None:
    book = Book(PostgresStore(), clock)
    claims = [(minute(600), "7"), (day(10_000), "7")]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for _ in range(30):
            assert not book.charge(claims, 1).refused
    assert len(queries) == 1


def test_old_counters_are_removed_once_their_debt_is_paid(db: None) -> None:
    store = PostgresStore()
    store.lease([Ask("paid", NOON, 60, 100, 100), Ask("owing", NOON, 60, 100, 250), Ask("new", NOON + 60, 60, 9, 1)])
    assert store.prune(NOON + 121, 10) == 2
    assert store.prune(NOON + 181, 10) == 1


def test_old_counters_go_by_themselves(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "PRUNE_EVERY", 3)
    store = PostgresStore()
    for minute_of_day in range(9):
        store.lease([Ask(str(minute_of_day), NOON + 60 * minute_of_day, 60, 100, 1)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM api_gateway_limit ORDER BY name")
        assert [name for (name,) in cursor.fetchall()] == ["7", "8"]


@pytest.fixture
def clock() -> Clock:
    """Ten seconds past noon."""
    return Clock()


def spend(store: Store, clock: Clock, tries: int) -> int:
    """How many of so many requests one process admits."""
    book = Book(store, clock)
    try:
        return sum(not book.charge([(minute(100), "k")], 1).refused for _ in range(tries))
    finally:
        connection.close()


@pytest.mark.parametrize("kind", ["postgres", pytest.param("redis", marks=with_redis)])
def test_several_processes_at_once_admit_the_limit_and_no_more(
    transactional_db: None, request: pytest.FixtureRequest, kind: str, clock: Clock
) -> None:
    stores: list[Any] = [
        PostgresStore() if kind == "postgres" else RedisStore(request.getfixturevalue("redis_url")) for _ in range(4)
    ]
    if kind == "redis":
        stores[0].client.flushdb()
    else:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE api_gateway_limit")
    with ThreadPoolExecutor(4) as pool:
        admitted = sum(pool.map(lambda store: spend(store, clock, 60), stores))
    assert admitted == 100


@with_redis
def test_while_redis_is_away_each_process_counts_alone(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock(0.0)
    with tempfile.TemporaryDirectory() as folder:
        with redis_server(Path(folder)) as url:
            store = RedisStore(url, clock)
            assert lease(store, 60).taken == 60
            assert store.answers()
        assert not store.answers()
        assert lease(store, 60) == Lease(NOON, 60, 60), "it begins anew"
        assert lease(store, 60).granted == 0, "and holds in this process"
        assert caplog.text.count("redis is away") == 1, "it is asked again only later"
        with redis_server(Path(folder)):
            assert lease(store, 1).granted == 2
            clock.now += AWAY_S
            assert lease(store, 100) == Lease(NOON, 100, 100)
