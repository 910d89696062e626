"""A child process from within: it says that it is ready, does what comes by its pipe, and ends with its parent."""

from __future__ import annotations

import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import parent_process
from typing import Any

BEGUN = b"begun"
Begin = Callable[[], None]


class ChildFailed(Exception):
    """Stands for an exception that cannot be sent from one process to another. Its text says which."""


def begin(memory_mb: int) -> None:
    """Prepares a child process: one thread in each library, a bound on its memory, behind the web server in line."""
    for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ARROW_NUM_THREADS"):
        os.environ[library] = "1"
    if os.name == "posix":
        os.nice(5)
    bound_memory(memory_mb, for_good=True)
    import django

    django.setup()


def bound_memory(memory_mb: int, *, for_good: bool) -> None:
    """No more memory than this from now on: what asks for more gets a MemoryError, not the system's killer. Not
    `for_good`: processes that this one starts may set a bound of their own above it."""
    if os.name == "posix":
        import resource

        bound = memory_mb << 20
        hard = bound if for_good else resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))


def live(pipe: Connection, begin: Begin) -> None:
    """A child's life: says that it is ready, then answers calls until its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the worker, which ends its children itself
    threading.Thread(target=_end_with_parent, daemon=True).start()
    begin()
    with suppress(EOFError, OSError):
        pipe.send_bytes(BEGUN)
        while True:
            work = _understood(pipe.recv_bytes())
            pipe.send_bytes(BEGUN)
            pipe.send_bytes(_answer(work))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _understood(call: bytes) -> Callable[[], Any]:
    """The call that was sent. What it imports is imported before its time runs."""
    try:
        function, arguments = pickle.loads(call)  # noqa: S301 - from our own parent
    except Exception as problem:
        return partial(_raise, problem)
    return partial(function, *arguments)


def _raise(problem: Exception) -> None:
    raise problem


def _answer(work: Callable[[], Any]) -> bytes:
    try:
        return pickle.dumps((True, work()))
    except Exception as problem:
        return _sendable(problem)


def _sendable(problem: Exception) -> bytes:
    """The exception with its trace, or what stands for it where it does not come through whole."""
    trace = traceback.format_exc()
    problem.add_note(f"In a child process:\n{trace}")
    try:
        made = pickle.dumps((False, problem))
        pickle.loads(made)  # noqa: S301 - made on the line above
    except Exception:
        return pickle.dumps((False, ChildFailed(f"{type(problem).__name__}: {problem}\n{trace}")))
    return made


__all__ = ["BEGUN", "Begin", "ChildFailed", "begin", "bound_memory", "live"]
