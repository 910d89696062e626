"""Where fits are made: on two threads of this process, or, where TRAINING_BACKEND says so, on Dask's workers.

What is spread is always a whole fit (a fold of one setting, one copy, one final model): each is learned by one worker
on one thread with the seed that it has here, so that the answers are the same bit for bit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

from platform_core import env

THREADS = 2
"""Fits made side by side here, each on one thread: quicker than threads within a fit, and the same every time."""
PARALLEL = 1.7
"""What two threads gain: a trial made elsewhere counts as long as it would have taken here."""
LOCAL = {"name": "local", "workers": 1, "transfers": 0, "bytes": 0, "seconds": 0.0}

Work = Callable[[Any, Any], Any]
"""`work(problem, item)`: one fit. Picklable."""


class Session(Protocol):
    """Workers elsewhere."""

    @property
    def threads(self) -> int:
        """Fits that can be made at a time."""

    @property
    def partitioned(self) -> bool:
        """Whether final fits are to have their rows spread over the workers."""

    def spread(self, work: Work, problem: Any, items: Sequence[Any]) -> tuple[list[Any], float]:
        """`work(problem, item)` of each item, in order, and the seconds that the workers took."""

    def in_force(self) -> AbstractContextManager[Any]:
        """Within, what this thread does through joblib is done by the workers."""

    def fit_by_rows(self, problem: Any, job: Any) -> Any:
        """The booster of one final fit, its rows spread over the workers."""

    def report(self) -> dict[str, Any]:
        """For the card: {name, workers, transfers, bytes, seconds, …}."""

    def close(self) -> None:
        """Lets the workers go; what was sent to them is forgotten."""


_session: ContextVar[Session | None] = ContextVar("training_session", default=None)
_elsewhere: ContextVar[list[float] | None] = ContextVar("seconds_elsewhere", default=None)


def session() -> Session | None:
    """The workers in force; None: everything is done here."""
    return _session.get()


@contextmanager
def opened() -> Iterator[Callable[[], dict[str, Any]]]:
    """What TRAINING_BACKEND names is in force within; gives how to report on it. Raises TrainingRefused before anything
    begins where it cannot be reached or its libraries differ: there is no silent training on this machine instead."""
    backend = env.get("TRAINING_BACKEND")
    if not backend:
        yield lambda: dict(LOCAL)
        return
    from ml_services.dask_connection import connect

    workers = connect(backend)
    token = _session.set(workers)
    try:
        with workers.in_force():
            yield workers.report
    finally:
        _session.reset(token)
        workers.close()


@dataclass
class Watch:
    """Seconds that something took, as if it had been done here."""

    seconds: float = 0.0
    elsewhere: list[float] = field(default_factory=list)


@contextmanager
def watched() -> Iterator[Watch]:
    """Times what is within. Fits made elsewhere count what their workers took, whoever else they worked for."""
    watch, started = Watch(), time.perf_counter()
    token = _elsewhere.set(watch.elsewhere)
    try:
        yield watch
    finally:
        _elsewhere.reset(token)
        watch.seconds = sum(watch.elsewhere) / PARALLEL if watch.elsewhere else time.perf_counter() - started


def spread(work: Work, problem: Any, items: Sequence[Any]) -> list[Any]:
    """`work(problem, item)` for each item, in order, wherever fits are made."""
    workers = _session.get()
    if workers is None:
        return side_by_side(lambda item: work(problem, item), items)
    found, seconds = workers.spread(work, problem, items)
    if (noted := _elsewhere.get()) is not None:
        noted.append(seconds)
    return found


def side_by_side(work: Any, items: Sequence[Any]) -> list[Any]:
    """`work(item)` for each item, in order, on two threads of this process."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1), ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, items))


__all__ = ["LOCAL", "Session", "Watch", "opened", "session", "side_by_side", "spread", "watched"]
