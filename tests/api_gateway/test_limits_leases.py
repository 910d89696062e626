"""A process spends what it has leased: never more over all than the limit, exactly the limit alone."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_gateway.limits import leases
from api_gateway.limits.leases import Ask, Book, Lease
from api_gateway.limits.local import LocalStore
from tests.api_gateway.counters import NOON, Clock, day, minute


class Counted(LocalStore):
    """Says how often it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def lease(self, asks: Sequence[Ask]) -> dict[str, Lease]:
        self.asked += 1
        return super().lease(asks)


def admitted(book: Book, cost: int, limit: int, most: int = 0) -> bool:
    standing = book.charge([(minute(limit, most), "k")], cost)
    assert standing is not None
    return not standing.refused


@given(st.integers(1, 300), st.lists(st.tuples(st.integers(0, 3), st.integers(1, 60)), max_size=80))
def test_no_number_of_processes_admits_more_than_the_limit(limit: int, requests: list[tuple[int, int]]) -> None:
    store, clock = LocalStore(), Clock()
    books = [Book(store, clock) for _ in range(4)]
    assert sum(cost for number, cost in requests if admitted(books[number], cost, limit)) <= limit


@given(st.integers(1, 300), st.lists(st.integers(1, 60), max_size=80))
def test_one_process_admits_all_that_fits(limit: int, costs: list[int]) -> None:
    book, left = Book(LocalStore(), Clock()), limit
    for cost in costs:
        fits = cost <= left
        assert admitted(book, cost, limit) == fits
        left -= cost if fits else 0


def test_threads_of_one_process_share_its_leases() -> None:
    book = Book(LocalStore(), Clock())
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: admitted(book, 1, 500), range(1000))) == 500


def test_a_process_that_ends_takes_its_blocks_with_it() -> None:
    store, clock = LocalStore(), Clock()
    assert admitted(Book(store, clock), 1, 600)
    alive = Book(store, clock)
    assert sum(admitted(alive, 1, 600) for _ in range(600)) == 600 - 30


def test_a_refusal_takes_nothing_from_the_other_windows() -> None:
    book = Book(LocalStore(), Clock())
    claims = [(day(10), "k"), (minute(4), "k")]
    assert not book.charge(claims, 4).refused
    refused = book.charge(claims, 1)
    assert refused.refused
    assert refused.window.seconds == 60
    later = book.charge([(day(10), "k")], 6)
    assert not later.refused


def test_who_is_refused_asks_the_counters_no_more() -> None:
    store = Counted()
    book = Book(store, Clock())
    assert admitted(book, 5, 5)
    asked = store.asked
    assert not any(admitted(book, 1, 5) for _ in range(100))
    assert store.asked == asked


def test_most_requests_ask_the_counters_nothing() -> None:
    store = Counted()
    book = Book(store, Clock())
    assert all(admitted(book, 1, 100_000) for _ in range(5_000))
    assert store.asked == 100


def test_the_day_is_that_of_utc() -> None:
    clock = Clock(NOON)
    book = Book(LocalStore(), clock)
    standing = book.charge([(day(3), "k")], 3)
    assert (standing.remaining, standing.reset_s) == (0, 12 * 3600)
    clock.now += 12 * 3600 - 1
    assert book.charge([(day(3), "k")], 1).refused
    clock.now += 1
    assert not book.charge([(day(3), "k")], 1).refused


def test_the_tightest_window_is_told() -> None:
    book = Book(LocalStore(), Clock())
    standing = book.charge([(minute(50), "k"), (day(40), "k"), (minute(60), "x")], 2)
    assert (standing.window.limit, standing.remaining) == (40, 38)


def test_a_batch_above_the_limit_is_taken_early_and_owed() -> None:
    clock = Clock()
    book = Book(LocalStore(), clock)
    assert admitted(book, 1000, 600, 6000)
    refused = book.charge([(minute(600, 6000), "k")], 300)
    assert (refused.refused, refused.reset_s) == (True, 110), "600 of it are paid by this minute, 400 by the next"
    clock.now += 50
    assert admitted(book, 200, 600), "200 remain of the minute that pays the rest"
    assert not admitted(book, 1, 600)
    clock.now += 60
    assert admitted(book, 600, 600)


def test_what_was_charged_for_nothing_is_given_back() -> None:
    book = Book(LocalStore(), Clock())
    assert admitted(book, 5, 5)
    book.give_back([(minute(5), "k")], 5)
    assert admitted(book, 5, 5)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "MOST_SLOTS", 10)
    clock = Clock()
    book = Book(LocalStore(), clock)
    for subject in range(100):
        assert not book.charge([(minute(5), str(subject))], 1).refused
        assert len(book._slots) <= 10


def test_a_question_that_hangs_holds_up_only_who_needs_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "PATIENCE_S", 0.01)
    hangs, goes_on = threading.Event(), threading.Event()

    class Hanging(LocalStore):
        def lease(self, asks: Sequence[Ask]) -> dict[str, Lease]:
            if asks[0].name.endswith("slow"):
                hangs.set()
                assert goes_on.wait(20)
            return super().lease(asks)

    book = Book(Hanging(), Clock())
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(book.charge, [(minute(5), "slow")], 1)
        assert hangs.wait(20)
        assert admitted(book, 1, 5)
        goes_on.set()
        assert not slow.result().refused
