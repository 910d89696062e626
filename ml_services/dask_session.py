"""Fits on the workers of a Dask scheduler (the extra `scale`): data is sent to each worker once, by what it holds.

A worker that is lost costs time: the scheduler gives its fits to the others. Dask carries pickled code and asks nobody
who they are: its ports belong into a network that only these machines see.
"""

from __future__ import annotations

import hashlib
import pickle
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from ml_services.dask_worker import first_line, run_fit
from ml_services.scale_out import Work
from platform_core.errors import TrainingRefused

NOBODY_S = 60.0
"""Without any worker for so long, a training gives up."""
LOOK_S = 5.0
KEPT = 3
"""Data sets that workers keep: the sample of the gate, the rows compared on, all rows."""
LARGE_ITEM = 1 << 20
TRIES = 3
GONE = "The workers of TRAINING_BACKEND were lost {times} times in one training. Look into their logs and train again."
Found = TypeVar("Found")


class DaskSession:
    """Workers of one scheduler, and what it cost to use them. Several threads may share one."""

    def __init__(self, client: Any, *, partitioned: bool, expected: dict[str, str]) -> None:
        self.client, self.partitioned, self.expected = client, partitioned, expected
        self._lock = threading.Lock()
        self._sent: OrderedDict[str, Any] = OrderedDict()
        self._calls = 0
        self.transfers, self.bytes, self.seconds = 0, 0, 0.0
        self.fits, self.fit_seconds, self.lost = 0, 0.0, 0
        self.by_rows: list[str] = []
        self.workers = len(client.nthreads())

    @property
    def threads(self) -> int:
        each: dict[str, int] = self.client.nthreads()
        return max(sum(each.values()), 1)

    def spread(self, work: Work, problem: Any, items: Sequence[Any]) -> tuple[list[Any], float]:
        return self.surviving(lambda: self._spread(work, problem, items))

    def _spread(self, work: Work, problem: Any, items: Sequence[Any]) -> tuple[list[Any], float]:
        with self._lock:
            self._calls += 1
            call = f"{id(self)}-{self._calls}"
        there = self.send(problem)
        work_bytes = len(pickle.dumps(work, 5))
        futures = []
        for item in items:
            size = len(pickle.dumps(item, 5))
            started = time.perf_counter()
            carried = self.client.scatter([item], hash=False)[0] if size > LARGE_ITEM else item
            futures.append(self.client.submit(run_fit, self.expected, call, work, there, carried, pure=False, key=None))
            self.count(1, size + work_bytes, time.perf_counter() - started)
        found = self.fetch(futures)
        seconds = sum(took for _, took in found)
        with self._lock:
            self.fits, self.fit_seconds = self.fits + len(items), self.fit_seconds + seconds
        return [result for result, _ in found], seconds

    def send(self, problem: Any) -> Any:
        """The problem on every worker, sent where they do not have it."""
        digest = _digest(problem)
        with self._lock:
            if digest in self._sent:
                self._sent.move_to_end(digest)
                return self._sent[digest]
            started = time.perf_counter()
            there = self.client.scatter(problem, broadcast=True, hash=False)
            spent = time.perf_counter() - started
            copies = max(len(self.client.nthreads()), 1)
            self._sent[digest] = there
            while len(self._sent) > KEPT:
                self._sent.popitem(last=False)
        self.count(copies, copies * (problem.X.nbytes + problem.y.nbytes), spent)
        return there

    def fetch(self, futures: Sequence[Any]) -> list[Any]:
        """The results, after all are there. Raises TrainingRefused where no worker has been left for a while."""
        from distributed import wait

        alone_since: float | None = None
        while True:
            try:
                with self.client.as_current():
                    wait(futures, timeout=LOOK_S)
                break
            except TimeoutError:
                now = time.perf_counter()
                alone_since = None if self.client.nthreads() else alone_since or now
                if alone_since is not None and now - alone_since > NOBODY_S:
                    raise TrainingRefused(
                        "No worker of TRAINING_BACKEND is left. Start some (`dask worker HOST:PORT`) and train again."
                    ) from None
        started = time.perf_counter()
        found: list[Any] = self.client.gather(list(futures))
        self.count(len(futures), sum(len(pickle.dumps(one, 5)) for one in found), time.perf_counter() - started)
        return found

    def surviving(self, work: Callable[[], Found]) -> Found:
        """What `work` gives, begun again where all that the workers held was lost with them."""
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError
        from distributed.comm import CommClosedError

        for _ in range(TRIES):
            try:
                return work()
            except (FutureCancelledError, KilledWorker):
                with self._lock:
                    self.lost += 1
                    self._sent.clear()
            except (CommClosedError, OSError) as problem:
                raise TrainingRefused(f"The scheduler of TRAINING_BACKEND is gone: {first_line(problem)}") from None
        raise TrainingRefused(GONE.format(times=TRIES))

    def count(self, transfers: int, size: int, seconds: float) -> None:
        """Notes what went over the network, and how long this process waited for it."""
        with self._lock:
            self.transfers, self.bytes = self.transfers + transfers, self.bytes + size
            self.seconds += seconds

    def fit_by_rows(self, problem: Any, job: Any) -> Any:
        from ml_services.partitioned import fit

        self.by_rows.append(job.family.name)
        return self.surviving(lambda: fit(self, problem, job))

    def report(self) -> dict[str, Any]:
        return {
            "name": "dask", "workers": self.workers, "rows": "partitioned" if self.partitioned else "whole fits",
            "transfers": self.transfers, "bytes": self.bytes, "seconds": round(self.seconds, 3),
            "fits": self.fits, "fit_seconds": round(self.fit_seconds, 3), "begun_again": self.lost,
            "fitted_by_rows": self.by_rows,
        }  # fmt: skip

    def close(self) -> None:
        self._sent.clear()
        self.client.close()


def _digest(problem: Any) -> str:
    made = hashlib.sha256(repr((problem.X.shape, problem.task, problem.n_classes, problem.features)).encode())
    for array in (problem.X, problem.y):
        made.update(np.ascontiguousarray(array).view(np.uint8).data)
    return made.hexdigest()


__all__ = ["DaskSession"]
