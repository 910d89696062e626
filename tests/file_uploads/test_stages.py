"""Reading ahead and writing behind: order kept, errors raised, nothing left running."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from file_uploads.stages import AHEAD, in_parallel, read_ahead, write_behind


def test_parts_come_in_order_and_only_a_few_are_held() -> None:
    made: list[int] = []

    def parts() -> Iterator[int]:
        for part in range(50):
            made.append(part)
            yield part

    used = []
    with read_ahead(parts()) as ahead:
        for part in ahead:
            assert len(made) - len(used) <= AHEAD + 2
            used.append(part)
    assert used == list(range(50))


def test_an_error_of_the_reader_comes_after_the_parts_before_it() -> None:
    def parts() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    used = []
    with pytest.raises(ValueError, match="broken"), read_ahead(parts()) as ahead:
        for part in ahead:
            used.append(part)
    assert used == [1]


def test_leaving_early_stops_the_reader() -> None:
    def parts() -> Iterator[int]:
        while True:
            yield 1

    with read_ahead(parts()) as ahead:
        next(ahead)
    assert not [thread for thread in threading.enumerate() if thread.name == "reader"]


def test_all_parts_are_written_in_order_before_the_end() -> None:
    written: list[int] = []
    with write_behind(written.append) as hand_over:
        for part in range(100):
            hand_over(part)
    assert written == list(range(100))


def test_an_error_of_the_writer_is_raised() -> None:
    def write(part: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"), write_behind(write) as hand_over:
        hand_over(1)
    with pytest.raises(OSError, match="No space"), write_behind(write) as hand_over:
        for _ in range(100):
            hand_over(1)
    assert not [thread for thread in threading.enumerate() if thread.name == "writer"]


def test_parts_worked_on_at_once_come_in_order() -> None:
    both = threading.Barrier(2, timeout=10)

    def work(part: int) -> int:
        both.wait()  # passes only where two parts are in work at once
        return part * 2

    assert list(in_parallel(work, range(10))) == [(part, part * 2) for part in range(10)]


def test_an_error_of_the_work_is_raised_in_its_place() -> None:
    def work(part: int) -> float:
        return 1 / (3 - part)

    done = []
    with pytest.raises(ZeroDivisionError):
        for part, _ in in_parallel(work, range(10)):
            done.append(part)
    assert done == [0, 1, 2]
