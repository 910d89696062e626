"""What Prometheus is told of the requests of all web processes.

Each process writes into memory-mapped files of its own (prometheus_client's multiprocess mode); whoever is asked adds
them up. A process writes under its place among its siblings, not under its process number: one that replaces a dead
one goes on where that ended, nothing counted is lost, and there are never more files than places.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, multiprocess, values

from platform_core import env

BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PREDICT = "predict-"
"""How the names of the predictors' routes begin."""


class Meters:
    """The instruments of one process. Labels are bounded: routes by name, never paths; no company, no person."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "platform_requests", "Answered requests.", ["method", "route", "status"], registry=self.registry
        )
        self.latencies = Histogram(
            "platform_prediction_seconds",
            "Time to answer a request for predictions, of those answered with 2xx.",
            ["predictor"],
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self.processes = Gauge(
            "platform_web_processes", "Web processes alive.", multiprocess_mode="livesum", registry=self.registry
        )
        self.starts = Counter(
            "platform_web_process_starts", "Web processes started; more than alive: some died.", registry=self.registry
        )
        self._counts: dict[tuple[str, str, int], Counter] = {}
        self._times: dict[str, Histogram] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answered request. The labelled children are kept: looking them up costs as much as counting."""
        key = (method, route, status)
        counter = self._counts.get(key)
        if counter is None:
            label = method if method in METHODS else "other"
            counter = self.requests.labels(label, route, str(status))
            if label == method:
                self._counts[key] = counter
        counter.inc()
        if 200 <= status < 300 and route.startswith(PREDICT):
            self._time(route).observe(seconds)

    def _time(self, route: str) -> Histogram:
        found = self._times.get(route)
        if found is None:
            found = self._times[route] = self.latencies.labels(route.removeprefix(PREDICT))
        return found


_state: dict[str, Any] = {"meters": None, "folder": None}


def meters() -> Meters:
    """This process's instruments; outside the web server they count in its memory alone."""
    if _state["meters"] is None:
        _state["meters"] = Meters()
    found: Meters = _state["meters"]
    return found


def begin(folder: Path, place: int) -> None:
    """Makes this process one of several that count into `folder`. To be called before anything is counted."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.MultiProcessValue(lambda: place)  # type: ignore[no-untyped-call]
    _state.update(meters=Meters(), folder=folder)
    meters().processes.set(1)
    meters().starts.inc()


def end(folder: Path, place: int) -> None:
    """A process has died: it is no longer among the living. What it counted stays."""
    multiprocess.mark_process_dead(place, str(folder))  # type: ignore[no-untyped-call]


def registry() -> CollectorRegistry:
    """What all processes counted together."""
    folder = _state["folder"]
    if folder is None:
        return meters().registry
    whole = CollectorRegistry()
    multiprocess.MultiProcessCollector(whole, str(folder))  # type: ignore[no-untyped-call]
    return whole


def make_folder() -> tuple[Path, IO[str]]:
    """A folder for the processes of one server, with the lock that says it is in use; folders that servers left
    behind are removed. Several servers may share a home."""
    base = env.make_home() / "metrics"
    base.mkdir(mode=0o700, exist_ok=True)
    with (base / "lock").open("w") as making:
        fcntl.flock(making, fcntl.LOCK_EX)
        for old in base.iterdir():
            if old.is_dir() and _left(old):
                shutil.rmtree(old, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(dir=base))
        lock = (folder / "lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
    return folder, lock


def _left(folder: Path) -> bool:
    """Whether no living process holds the folder's lock."""
    try:
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


__all__ = ["BUCKETS_S", "Meters", "begin", "end", "make_folder", "meters", "registry"]
