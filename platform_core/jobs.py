"""The queue: work that outlives the request and the process that asked for it. Procrastinate on our PostgreSQL; a
task is put into the queue within the transaction of the row that it is about.

A task runs at least once: each is written so that a second run does no harm. Heavy work runs in child processes, which
can be killed when they hang (a thread cannot), and whose memory goes with them.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from functools import cache, partial
from typing import Any, TypeVar

import psycopg
from django.db import InterfaceError, OperationalError
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

from platform_core import child_life, env
from platform_core.children import ChildLate, ChildLost, Children, NoChild

QUICK, BATCH, TRAINING, TELLING, CHORES = "quick", "batch", "training", "telling", "chores"
QUEUES = (QUICK, BATCH, TRAINING, TELLING, CHORES)
SHORT_WAITS = (QUICK, BATCH, TRAINING, CHORES)
"""The queues in which nothing waits longer than LONGEST_WAIT_S."""
DEAD_AFTER_S = 10.0
"""A worker that was silent for so long is taken for dead, and its tasks are given to others."""
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
PASSING = (OperationalError, InterfaceError, OSError)
"""What lies in a task's way for a while, and is not its own fault."""
CONNECTION_LOST = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.IdleInTransactionSessionTimeout)
log = logging.getLogger(__name__)
T = TypeVar("T")


def defer(task: str, *, queue: str, priority: int = 0, wait_s: float = 0.0, lock: str = "", **arguments: Any) -> None:
    """Puts a task into the queue, within the transaction that is open. `lock`: tasks of one lock run one at a time.
    Raises OperationalError where the connection is lost, as any other statement does."""
    later: dict[str, Any] = {"schedule_in": {"seconds": wait_s}} if wait_s > 0 else {}
    # Not by the task itself: within a worker a task defers by the worker's own connections, so that what is put in
    # would be taken before the transaction's rows are there, and would stay where they never come.
    deferrer = configure_task(
        name=task, job_manager=_transactional(), queue=queue, priority=priority, lock=lock or None, **later
    )
    try:
        deferrer.defer(**arguments)
    except ConnectorException as problem:
        if isinstance(problem.__cause__, CONNECTION_LOST):
            raise OperationalError(str(problem.__cause__)) from problem
        raise


@cache
def _transactional() -> Any:
    """The queue by Django's own connection, and so within its transaction."""
    from procrastinate.contrib.django.django_connector import DjangoConnector

    return JobManager(DjangoConnector())


class Patience(BaseRetryStrategy):
    """Tries a task again, ever later, as long as only the database, the disk or the store is in the way."""

    def get_retry_decision(self, *, exception: BaseException, job: Any) -> RetryDecision | None:
        if isinstance(exception, PASSING):
            return RetryDecision(retry_in={"seconds": int(wait_s(job.attempts + 1))})
        return None


def wait_s(times: int) -> float:
    """Seconds before the next try, after so many."""
    return float(min(FIRST_WAIT_S * 2 ** min(max(times - 1, 0), 10), LONGEST_WAIT_S))


_pool: dict[str, Children] = {}
_pool_lock = threading.Lock()


def in_child(function: Callable[..., T], *arguments: Any, timeout_s: float, first: bool = False) -> T:
    """Calls a function of a module in a child process, which is kept for the next call; `first`: before others that
    wait for one. Raises what it raises, ChildLost where the process died, ChildLate where it took longer than
    `timeout_s` and was killed, NoChild (an OSError, passing trouble) where there was none to work in."""
    return _children().call(function, *arguments, timeout_s=timeout_s, first=first)


def _children() -> Children:
    with _pool_lock:
        if "pool" not in _pool:
            begin = partial(child_life.begin, env.get("WORKER_MEMORY_MB"))
            _pool["pool"] = Children(
                begin, most=env.get("WORKER_PROCESSES") or os.cpu_count() or 1, calls=CALLS_A_CHILD
            )
        return _pool["pool"]


CALLS_A_CHILD = 200
"""After so many calls a child is replaced by a new one: what a library leaks goes with it."""


def end_children() -> None:
    """Ends the child processes, at the end of a worker."""
    with _pool_lock:
        pool = _pool.pop("pool", None)
    if pool is not None:
        pool.end()


__all__ = [
    "BATCH",
    "CHORES",
    "PASSING",
    "QUEUES",
    "QUICK",
    "SHORT_WAITS",
    "TELLING",
    "TRAINING",
    "ChildLate",
    "ChildLost",
    "NoChild",
    "Patience",
    "defer",
    "end_children",
    "in_child",
    "wait_s",
]
