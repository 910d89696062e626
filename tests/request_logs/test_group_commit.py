"""Threads share writes; none is told that its rows are kept before they are; a fault of one is not that of all."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from request_logs.group_commit import MOST_ROWS, GroupCommit


class Away(Exception):
    """The store cannot be reached."""


class Store:
    """Writes when its gate is open; refuses groups that hold a bad row, whole."""

    def __init__(self) -> None:
        self.writes: list[list[int]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.away = False

    def write(self, rows: Sequence[int]) -> None:
        self.entered.set()
        assert self.gate.wait(10)
        if self.away:
            raise Away
        if any(row < 0 for row in rows):
            raise ValueError("bad row")
        self.writes.append(list(rows))


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def group(store: Store) -> GroupCommit[int]:
    return GroupCommit(store.write, Away)


def waiting(group: GroupCommit[int], count: int) -> None:
    deadline = time.monotonic() + 10
    while len(group._waiting) < count:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def together(store: Store, group: GroupCommit[int], rows: list[list[int]]) -> list[Exception | None]:
    """Keeps the first rows, and while they are being written brings all others. Returns what each met."""

    def keep(given: list[int]) -> Exception | None:
        try:
            group.keep(given)
        except (Away, ValueError) as problem:
            return problem
        return None

    store.gate.clear()
    with ThreadPoolExecutor(len(rows)) as pool:
        first = pool.submit(keep, rows[0])
        assert store.entered.wait(10)
        others = [pool.submit(keep, given) for given in rows[1:]]
        waiting(group, len(rows) - 1)
        store.gate.set()
        return [first.result(10), *(one.result(10) for one in others)]


def test_a_lone_write_is_written_at_once(store: Store, group: GroupCommit[int]) -> None:
    group.keep([1])
    group.keep([2, 3])
    assert store.writes == [[1], [2, 3]]


def test_those_who_come_during_a_write_share_the_next(store: Store, group: GroupCommit[int]) -> None:
    assert together(store, group, [[1], [2], [3], [4]]) == [None] * 4
    assert [sorted(rows) for rows in store.writes] == [[1], [2, 3, 4]]


def test_a_bad_row_fails_its_own_thread_only(store: Store, group: GroupCommit[int]) -> None:
    found = together(store, group, [[1], [2], [-3], [4]])
    assert [type(one) for one in found] == [type(None), type(None), ValueError, type(None)]
    assert sorted(row for rows in store.writes for row in rows) == [1, 2, 4]


def test_without_a_store_nobody_is_told_that_it_is_kept(store: Store, group: GroupCommit[int]) -> None:
    store.away = True
    assert [type(one) for one in together(store, group, [[1], [2], [3]])] == [Away] * 3
    store.away = False
    group.keep([4])
    assert store.writes == [[4]]


def test_a_group_is_bounded(store: Store, group: GroupCommit[int]) -> None:
    large = list(range(MOST_ROWS - 1))
    assert together(store, group, [[1], large, [2, 3], [4]]) == [None] * 4
    assert all(len(rows) <= MOST_ROWS for rows in store.writes)
    assert sum(len(rows) for rows in store.writes) == 1 + len(large) + 3


def test_under_load_each_row_is_written_once_and_before_it_is_said(store: Store, group: GroupCommit[int]) -> None:
    said: list[int] = []

    def client(number: int) -> None:
        for count in range(100):
            row = number * 1000 + count
            group.keep([row])
            said.append(row)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(client, range(8)))
    written = [row for rows in store.writes for row in rows]
    assert sorted(written) == sorted(said)
    assert len(written) == 800
