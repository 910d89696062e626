"""Stages of one stream, each in a thread of its own: while one part is predicted, the next is read and the one before
written. (Reading, boosters and writing all run outside Python's lock.)"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")
AHEAD = 2
"""Parts that may wait between two stages: enough to keep both busy, few enough to bound the memory."""
POLL_S = 0.05


class _End:
    """The mark after the last part."""


class _Line(Generic[T]):
    """A bounded queue whose two sides both learn when the other one is gone."""

    def __init__(self) -> None:
        self.parts: queue.Queue[T | _End] = queue.Queue(AHEAD)
        self.stopped = threading.Event()
        self.problem: BaseException | None = None

    def put(self, part: T | _End) -> bool:
        """False where nobody will take it any more."""
        while not self.stopped.is_set():
            try:
                self.parts.put(part, timeout=POLL_S)
            except queue.Full:
                continue
            return True
        return False

    def taken(self) -> Iterator[T]:
        """The parts, until the end or a stop."""
        while not self.stopped.is_set():
            try:
                part = self.parts.get(timeout=POLL_S)
            except queue.Empty:
                continue
            if isinstance(part, _End):
                return
            yield part


@contextmanager
def read_ahead(parts: Iterator[T]) -> Iterator[Iterator[T]]:
    """The same parts, made by a thread that is ahead of their use. Its error is raised where it would have been."""
    line: _Line[T] = _Line()

    def read() -> None:
        try:
            for part in parts:
                if not line.put(part):
                    return
        except BaseException as problem:
            line.problem = problem
        line.put(_End())

    def used() -> Iterator[T]:
        yield from line.taken()
        if line.problem is not None:
            raise line.problem

    thread = threading.Thread(target=read, name="reader", daemon=True)
    thread.start()
    try:
        yield used()
    finally:
        line.stopped.set()
        thread.join()


def in_parallel(work: Callable[[T], R], parts: Iterable[T], workers: int = 2) -> Iterator[tuple[T, R]]:
    """Each part with what `work` makes of it, in order; as many parts are worked on at once as there are workers."""
    with ThreadPoolExecutor(workers, "predictor") as pool:
        waiting: deque[tuple[T, Future[R]]] = deque()
        try:
            for part in parts:
                waiting.append((part, pool.submit(work, part)))
                if len(waiting) == workers:
                    first, result = waiting.popleft()
                    yield first, result.result()
            while waiting:
                first, result = waiting.popleft()
                yield first, result.result()
        finally:
            for _, result in waiting:
                result.cancel()


@contextmanager
def write_behind(write: Callable[[T], None]) -> Iterator[Callable[[T], None]]:
    """A function that hands a part to a thread that writes. At the end all parts are written, or the first error of
    writing is raised; it is also raised by the next part handed over."""
    line: _Line[T] = _Line()

    def work() -> None:
        try:
            for part in line.taken():
                write(part)
        except BaseException as problem:
            line.problem = problem
            line.stopped.set()

    def hand_over(part: T) -> None:
        if not line.put(part) and line.problem is not None:
            raise line.problem

    thread = threading.Thread(target=work, name="writer", daemon=True)
    thread.start()
    try:
        yield hand_over
        line.put(_End())
    except BaseException:
        line.stopped.set()
        raise
    finally:
        thread.join()
    if line.problem is not None:
        raise line.problem


__all__ = ["in_parallel", "read_ahead", "write_behind"]
