"""Child processes that do heavy work for a worker: each has one pipe, and its parent may kill it at any moment.

A call goes to a child that says that it has begun. Only from then on does the call's time run, and only then is the
child's end the call's own: a child that was killed or stopped while it was idle is replaced, and costs nobody a try.
Children end with their parent: each watches for its end.
"""

from __future__ import annotations

import errno
import multiprocessing
import pickle
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from platform_core.child_life import BEGUN, Begin, live
from platform_core.errors import PlatformError
from platform_core.turns import Turns

START_S = 120.0
"""What a new child may take until it is ready, and again until it begins its first call: it imports libraries."""
BEGIN_S = 10.0
"""What an idle child may take to say that it has begun."""
STARTS = 3
"""So many children are tried for a call before it is put off."""
END_S = 5.0
"""What a killed process may take to be gone."""
T = TypeVar("T")


class ChildLost(PlatformError):
    """The process that did the work ended in the middle of it: out of memory, or a crash of a library."""

    code = "child_lost"
    default = "The process that worked on this ended before it was done; it may have run out of memory."


class ChildLate(PlatformError):
    """The work took longer than it may."""

    code = "too_slow"
    default = "This took longer than it may."


class NoChild(OSError):
    """There is no process to work in, for now. No fault of the work."""


class Child:
    """One process and the pipe to it."""

    def __init__(self, begin: Begin) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=live, args=(theirs, begin), daemon=True)
        self.late, self.calls = False, 0
        try:
            self.process.start()
        finally:
            theirs.close()

    def take(self, message: bytes) -> bool:
        """Hands a call over. False where the child does not begin it: then it is dead or stopped, and is killed."""
        with suppress(OSError, EOFError):
            # A new one is at its imports, those of the work too, which is why it gets longer.
            fresh = not self.calls
            if (not fresh or self._hears(START_S)) and self._send(message):
                self.calls += 1
                if self._hears(START_S if fresh else BEGIN_S):
                    return True
        self.end()
        return False

    def answer(self, timeout_s: float) -> Any:
        """What the call returns; raises what it raises, ChildLost, ChildLate."""
        # Killing is what ends every wait, also one in the middle of an answer.
        alarm = threading.Timer(timeout_s, self._give_up)
        alarm.daemon = True
        alarm.start()
        try:
            received = self.pipe.recv_bytes()
        except (EOFError, OSError):
            self.end()
            if self.late:
                raise ChildLate(f"This took longer than {timeout_s:g} seconds.") from None
            raise ChildLost from None
        finally:
            alarm.cancel()
        returned, value = pickle.loads(received)  # noqa: S301 - from our own child
        if returned:
            return value
        raise value

    def _hears(self, seconds: float) -> bool:
        return bool(self.pipe.poll(seconds)) and self.pipe.recv_bytes() == BEGUN

    def _send(self, message: bytes) -> bool:
        """A pipe that nobody reads takes a small message only: a stopped child would hold us for ever."""
        alarm = threading.Timer(BEGIN_S, self.process.kill)
        alarm.daemon = True
        alarm.start()
        try:
            self.pipe.send_bytes(message)
        finally:
            alarm.cancel()
        return True

    def _give_up(self) -> None:
        self.late = True
        self.process.kill()

    @property
    def alive(self) -> bool:
        return not self.late and bool(self.process.is_alive())

    def end(self) -> None:
        """Kills the process and closes the pipe."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


class Children:
    """At most `most` children, each begun by `begin` and replaced after `calls` calls."""

    def __init__(self, begin: Begin, *, most: int, calls: int) -> None:
        self._begin, self._calls = begin, calls
        self._turns = Turns(most)
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._all: set[Child] = set()
        self._ended = False

    def call(self, function: Callable[..., T], *arguments: Any, timeout_s: float, first: bool = False) -> T:
        """Calls a function of a module in a child; `first`: before others that wait for one. Raises what it raises;
        ChildLost where the process died; ChildLate where it took longer and was killed; NoChild where none would
        begin."""
        message = pickle.dumps((function, arguments))
        with self._turns.turn(first=first):
            child = self._beginning(message)
            try:
                answered: T = child.answer(timeout_s)
            except ChildLost:
                if self._ended:  # by ourselves, so not by the work
                    raise NoChild(errno.ECANCELED, "the worker was told to end") from None
                raise
            finally:
                self._keep(child)
            return answered

    def _beginning(self, message: bytes) -> Child:
        """A child that has begun the call."""
        started = 0
        while started < STARTS:
            with self._lock:
                child = self._idle.pop() if self._idle else None
            if child is None:
                child, started = self._new(), started + 1
            if child.take(message):
                return child
            with self._lock:
                self._all.discard(child)
        raise NoChild(errno.EAGAIN, "no process to work in could be started; it may lack memory")

    def _new(self) -> Child:
        with self._lock:  # starting is quick: the child's imports are waited for elsewhere
            if self._ended:
                raise NoChild(errno.ECANCELED, "the worker was told to end")
            child = Child(self._begin)
            self._all.add(child)
            return child

    def _keep(self, child: Child) -> None:
        with self._lock:
            if not self._ended and child.alive and child.calls < self._calls:
                self._idle.append(child)
                return
            self._all.discard(child)
        child.end()

    def end(self) -> None:
        """Kills all children. Calls under way raise NoChild."""
        with self._lock:
            self._ended = True
            mine = list(self._all)
        for child in mine:
            child.process.kill()
        for child in mine:  # Python would wait for them at its own end, and politely
            child.process.join(END_S)


__all__ = ["Child", "ChildLate", "ChildLost", "Children", "NoChild"]
