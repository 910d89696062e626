"""The workers that `serve` runs beside the web server, started again whenever one is gone.

A thread of the process that forks the web server's processes waits for them. It takes no lock of Python's while it
waits, since a fork in that moment would leave the lock held for ever in the child: hence `posix_spawn` and `waitpid`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time

from platform_core import env

AGAIN_S = 1.0
"""Between a worker's end and its successor's start."""
_stopping = threading.Event()
_running: dict[int, int] = {}


def start(count: int) -> None:
    """Starts so many workers, and keeps their number."""
    for place in range(count):
        threading.Thread(target=_keep, args=[place], name=f"worker-{place}", daemon=True).start()


def _keep(place: int) -> None:
    while not _stopping.is_set():
        _running[place] = _spawn()
        # The web server may have waited for it before us; then it is gone as well.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(_running[place], 0)
        _running.pop(place, None)
        time.sleep(AGAIN_S)


def _spawn() -> int:
    command = [sys.executable, str(env.CHECKOUT / "manage.py"), "worker", "--parent", str(os.getpid())]
    return os.posix_spawn(sys.executable, command, os.environ)


def stop() -> None:
    """Tells the workers to end; what they have begun is done by the next ones."""
    _stopping.set()
    for process in list(_running.values()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)


__all__ = ["start", "stop"]
