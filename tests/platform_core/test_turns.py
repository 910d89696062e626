"""So many at a time, some before others."""

from __future__ import annotations

import threading
from contextlib import suppress

from platform_core.turns import Turns

WAIT_S = 20.0


class Line:
    """Threads that take their turn and write down when they have it."""

    def __init__(self, turns: Turns) -> None:
        self.turns, self.had = turns, list[str]()
        self.threads: list[threading.Thread] = []

    def stand(self, name: str, *, first: bool = False) -> None:
        """A thread that waits for its turn."""

        def work() -> None:
            with self.turns.turn(first=first):
                self.had.append(name)

        thread = threading.Thread(target=work)
        thread.start()
        self.threads.append(thread)

    def end(self) -> list[str]:
        for thread in self.threads:
            thread.join(WAIT_S)
        return self.had


def test_whoever_is_first_goes_before_those_who_have_waited_longer() -> None:
    turns = Turns(1)
    line = Line(turns)
    with turns.turn():
        line.stand("one")
        line.stand("two")
        line.stand("small", first=True)
        until_waiting(turns, first=1)
    assert line.end()[0] == "small"
    assert sorted(line.had) == ["one", "small", "two"]


def test_no_more_than_the_places_have_their_turn_at_once() -> None:
    turns, inside, most = Turns(2), [0], [0]
    lock, both = threading.Lock(), threading.Barrier(2, timeout=WAIT_S)

    def work() -> None:
        with turns.turn():
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            both.wait()  # passes only where two are here at once
            with lock:
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert most == [2]
    assert not any(thread.is_alive() for thread in threads)


def test_a_turn_that_fails_gives_its_place_back() -> None:
    turns = Turns(1)
    line = Line(turns)
    for first in (True, False):
        with suppress(ZeroDivisionError), turns.turn(first=first):
            1 / 0  # noqa: B018 - what fails within a turn
        line.stand("next")
    assert line.end() == ["next", "next"]


def until_waiting(turns: Turns, *, first: int) -> None:
    """Until so many wait to be first."""
    passed = threading.Event()
    for _ in range(int(WAIT_S * 100)):
        if turns._ahead == first:
            return
        passed.wait(0.01)
    raise AssertionError("nobody came")
