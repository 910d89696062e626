"""`manage.py worker`: does what is in the queue, until it is told to end."""

from __future__ import annotations

import logging
import os
import threading
import time
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand

from file_uploads.batch import answering
from platform_core import child_life, database, env, jobs, logs, postgres, queue_worker
from platform_core.errors import PlatformError

LOOK_S = 1.0
BESIDE_CHILDREN = 2
"""Places for tasks beside one for each child: one cuts or joins a file, one waits, so that no child stands idle while
the database is told what became of a chunk."""
READY_CHILDREN, READY_S = 2, 60.0
"""So many are started before they are needed, at most as many as there may be; others when a file needs them."""
log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Does what is in the queue: files, trainings, messages. As many as wanted, on any number of machines."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when the queue is empty")
        parser.add_argument("--parent", type=int, default=0, help="end with this process")

    def handle(self, *args: Any, once: bool, parent: int, **options: Any) -> None:
        if parent:
            logs.take_all()
            threading.Thread(target=end_with, args=[parent], daemon=True).start()
        child_life.bound_memory(env.get("WORKER_MEMORY_MB"), for_good=False)
        concurrency = BESIDE_CHILDREN + (env.get("WORKER_PROCESSES") or os.cpu_count() or 1)
        for _ in range(0 if once else READY_CHILDREN):
            threading.Thread(target=start_child, daemon=True).start()
        name = f"{os.uname().nodename}-{os.getpid()}"
        try:
            queue_worker.run_worker(name=name, concurrency=concurrency, wait=not once, again=start_again)
        finally:
            jobs.end_children()


def start_child() -> None:
    """A child is there before the first file comes. Where that fails, the file finds out, and its job tells."""
    with suppress(PlatformError, OSError):
        jobs.in_child(answering.be_ready, timeout_s=READY_S)


def start_again() -> None:
    """Starts the embedded database where that is what is gone."""
    try:
        database.ensure()
    except PlatformError as problem:
        log.warning("%s", problem.detail)


def end_with(parent: int) -> None:
    """Ends this process once its parent is gone: a killed `serve` leaves no worker behind."""
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    jobs.end_children()
    postgres.leave()
    os._exit(1)
