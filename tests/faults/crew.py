"""Workers as processes, and what can be done to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from platform_core import env
from tests.faults.installation import DELAY_S, Installation


class Crew:
    """The workers of an installation. Those that a test ends or kills are replaced by `ready`."""

    def __init__(self, place: Installation) -> None:
        self.place = place
        self.workers: list[subprocess.Popen[bytes]] = []
        self.hired = 0

    def hire(self, **more: str) -> subprocess.Popen[bytes]:
        """One more worker, in a process group of its own."""
        self.hired += 1
        with (self.place.base / f"worker-{self.hired}.log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.quick_worker"],
                cwd=env.CHECKOUT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={**self.place.environment, "WORKER_PROCESSES": "1", "FAULT_PARENT": str(os.getpid()), **more},
            )  # fmt: skip
        self.workers.append(worker)
        return worker

    def ready(self, count: int, **more: str) -> list[subprocess.Popen[bytes]]:
        """So many workers that live."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) < count:
            self.hire(**more)
        while len(self.workers) > count:
            self.end(self.workers.pop())
        return list(self.workers)

    def end(self, worker: subprocess.Popen[bytes], by: signal.Signals = signal.SIGKILL) -> None:
        """Ends a worker, as a machine or an operator would, and waits until it is gone."""
        with suppress(ProcessLookupError):
            os.kill(worker.pid, by)
        worker.wait()

    @contextmanager
    def slowed(self, seconds: float) -> Iterator[None]:
        """The workers take so long over a chunk, for a block."""
        self.place.delay_for(seconds)
        try:
            yield
        finally:
            self.place.delay_for(DELAY_S)

    def dismiss(self) -> None:
        """Kills all, with whatever they started."""
        for worker in self.workers:
            with suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        self.workers = []

    def children(self, worker: subprocess.Popen[bytes], wait_s: float = 60.0) -> list[int]:
        """The processes in which a worker has its chunks answered, once there is one."""
        until = time.monotonic() + wait_s
        while time.monotonic() < until:
            with suppress(psutil.Error):
                found = psutil.Process(worker.pid).children()
                mine = [one.pid for one in found if "spawn_main" in " ".join(one.cmdline())]
                if mine:
                    return mine
            time.sleep(0.02)
        raise AssertionError(f"worker {worker.pid} has no child")

    def said(self) -> str:
        """What all have logged."""
        logs = sorted(self.place.base.glob("worker-*.log"), key=lambda path: path.stat().st_mtime)
        return "\n".join(f"== {path.name}\n{tail(path)}" for path in logs[-4:])


def tail(path: Path, characters: int = 3000) -> str:
    """The end of a log."""
    return path.read_text(encoding="utf-8", errors="replace")[-characters:]


__all__ = ["Crew"]
