"""Writing beside the requests: what they leave in memory is written by a thread of the process, again and again."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from logging import Logger

from django.db import DatabaseError, close_old_connections, connections


def keep_writing(
    name: str, flush: Callable[[], object], *, every_s: float, log: Logger, trouble: str
) -> threading.Event:
    """Calls `flush` in a thread of that name, and once more when the process ends. A database that is away is logged as
    `trouble`, and asked again. Set the event returned to end it."""
    stop = threading.Event()

    def write() -> None:
        try:
            flush()
        except DatabaseError as problem:
            log.warning("%s: %s", trouble, type(problem).__name__)
        finally:
            close_old_connections()

    def keep_on() -> None:
        while not stop.wait(every_s):
            write()
        atexit.unregister(write)
        connections.close_all()

    threading.Thread(target=keep_on, name=name, daemon=True).start()
    atexit.register(write)
    return stop


__all__ = ["keep_writing"]
