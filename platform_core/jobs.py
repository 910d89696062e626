"""The queue: work that outlives the request and the process that asked for it. Procrastinate on our PostgreSQL; a
task is put into the queue within the transaction of the row that it is about.

A task runs at least once: each is written so that a second run does no harm. Heavy work runs in child processes, which
can be killed when they hang (a thread cannot), and whose memory goes with them.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError
from procrastinate import BaseRetryStrategy, RetryDecision

from platform_core import env
from platform_core.errors import PlatformError

BATCH, TRAINING, TELLING, CHORES = "batch", "training", "telling", "chores"
QUEUES = (BATCH, TRAINING, TELLING, CHORES)
HEARTBEAT_S = 2.0
DEAD_AFTER_S = 10.0
"""A worker that was silent for so long is taken for dead, and its tasks are given to others."""
POLL_S = 1.0
"""A task is announced at once; this is for announcements that got lost."""
GRACE_S = 20.0
"""What a worker that is told to end may still take."""
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
PASSING = (OperationalError, InterfaceError, OSError)
"""What lies in a task's way for a while, and is not its own fault."""
log = logging.getLogger(__name__)
T = TypeVar("T")


class ChildLost(PlatformError):
    """The process that did the work ended in the middle of it: out of memory, or a crash of a library."""

    code = "child_lost"
    default = "The process that worked on this ended before it was done; it may have run out of memory."


class ChildLate(PlatformError):
    """The work took longer than it may."""

    code = "too_slow"
    default = "This took longer than it may."


def defer(task: str, *, queue: str, priority: int = 0, wait_s: float = 0.0, lock: str = "", **arguments: Any) -> None:
    """Puts a task into the queue, within the transaction that is open. `lock`: tasks of one lock run one at a time."""
    later = {"schedule_in": {"seconds": wait_s}} if wait_s > 0 else {}
    _transactional().configure_task(
        task, queue=queue, priority=priority, lock=lock or None, allow_unknown=True, **later
    ).defer(**arguments)


@cache
def _transactional() -> Any:
    """The queue by Django's own connection. A worker has others, and what it puts in by those is taken before, or
    without, the rows of the transaction."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    return app.with_connector(DjangoConnector())


async def rescue() -> int:
    """Gives the tasks of dead workers to the living. Returns how many. Runs within a worker."""
    from procrastinate.contrib.django import app

    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_S))
    for job in stalled:
        await app.job_manager.retry_job(job, retry_at=datetime.now(UTC))
    return len(stalled)


def run_worker(*, name: str, concurrency: int, queues: Iterable[str] = QUEUES, wait: bool = True) -> None:
    """Works until a signal ends it, or, without `wait`, until the queue is empty. Raises where the database is gone."""
    from procrastinate.contrib.django import app

    async def work() -> None:
        async with app.open_async():
            await app.run_worker_async(
                name=name,
                queues=list(queues),  # psycopg sends a tuple as a row, not as an array
                concurrency=concurrency,
                wait=wait,
                fetch_job_polling_interval=POLL_S,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=DEAD_AFTER_S,
                shutdown_graceful_timeout=GRACE_S,
                delete_jobs="successful",
            )

    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        asyncio.run(work())


class Patience(BaseRetryStrategy):
    """Tries a task again, ever later, as long as only the database, the disk or the store is in the way."""

    def get_retry_decision(self, *, exception: BaseException, job: Any) -> RetryDecision | None:
        if isinstance(exception, PASSING):
            return RetryDecision(retry_in={"seconds": int(wait_s(job.attempts + 1))})
        return None


def wait_s(times: int) -> float:
    """Seconds before the next try, after so many."""
    return float(min(FIRST_WAIT_S * 2 ** min(max(times - 1, 0), 10), LONGEST_WAIT_S))


_pool: dict[str, Any] = {}
_pool_lock = threading.Lock()


def in_child(function: Callable[..., T], *arguments: Any, timeout_s: float) -> T:
    """Calls a function of a module in a child process, which is kept for the next call. Raises what it raises,
    ChildLost where the process died, ChildLate where it took longer than `timeout_s` and was killed."""
    from pebble import ProcessExpired

    future = _processes().schedule(function, args=arguments, timeout=timeout_s)
    try:
        answered: T = future.result()
    except ProcessExpired:
        raise ChildLost from None
    except TimeoutError:
        raise ChildLate(f"This took longer than {timeout_s:g} seconds.") from None
    return answered


def _processes() -> Any:
    import multiprocessing

    from pebble import ProcessPool

    with _pool_lock:
        if "pool" not in _pool:
            _pool["pool"] = ProcessPool(
                max_workers=env.get("WORKER_PROCESSES") or os.cpu_count() or 1,
                max_tasks=CALLS_A_CHILD,
                initializer=partial(begin_child, env.get("WORKER_MEMORY_MB")),
                context=multiprocessing.get_context("spawn"),
            )
        return _pool["pool"]


CALLS_A_CHILD = 200
"""After so many calls a child is replaced by a new one: what a library leaks goes with it."""


def begin_child(memory_mb: int) -> None:
    """Prepares a child process: one thread in each library, a bound on its memory, behind the web server in line."""
    for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ARROW_NUM_THREADS"):
        os.environ[library] = "1"
    if os.name == "posix":
        import resource

        os.nice(5)
        bound = memory_mb << 20
        resource.setrlimit(resource.RLIMIT_DATA, (bound, bound))
    import django

    django.setup()


def end_children() -> None:
    """Ends the child processes, at the end of a worker."""
    with _pool_lock:
        pool = _pool.pop("pool", None)
    if pool is not None:
        pool.stop()
        pool.join()


__all__ = [
    "BATCH",
    "CHORES",
    "PASSING",
    "TELLING",
    "TRAINING",
    "ChildLate",
    "ChildLost",
    "Patience",
    "begin_child",
    "defer",
    "end_children",
    "in_child",
    "rescue",
    "run_worker",
    "wait_s",
]
