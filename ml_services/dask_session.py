"""Fits on the workers of a Dask scheduler (the extra `scale`), by way of joblib: data goes to each worker once, by what
it holds.

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
KEPT = 3
"""Data sets that workers keep: the sample of the gate, the rows compared on, all rows."""
LARGE_ITEM = 1 << 20
TRIES = 3
GONE = "The workers of TRAINING_BACKEND were lost {times} times in one training. Look into their logs and train again."
NOBODY = "No worker of TRAINING_BACKEND is left. Start some (`dask worker HOST:PORT`) and train again."
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
        from joblib import Parallel, delayed

        with self._lock:
            self._calls += 1
            call = f"{id(self)}-{self._calls}"
        there = self.send(problem)
        carried = [self._alone(item) for item in items]
        with self.in_force():
            fits = Parallel(pre_dispatch="all", batch_size=1)
            found = fits(delayed(run_fit)(call, work, there, item) for item in carried)
        seconds = sum(took for _, took in found)
        with self._lock:
            self.fits, self.fit_seconds = self.fits + len(items), self.fit_seconds + seconds
        return [result for result, _ in found], seconds

    def in_force(self) -> Any:
        """Within, this thread's `joblib.Parallel`, and so each estimator's `n_jobs`, is done by the workers."""
        from joblib import parallel_config

        from ml_services.dask_backend import CountingBackend

        return parallel_config(backend=CountingBackend(self.client, self.expected, self.count))

    def _alone(self, item: Any) -> Any:
        """A large item on one worker: the scheduler, through which small ones go, is not to hold it."""
        size = len(pickle.dumps(item, 5))
        if size <= LARGE_ITEM:
            return item
        started = time.perf_counter()
        there = self.client.scatter([item], hash=False)[0]
        self.count(1, size, time.perf_counter() - started)
        return there

    def send(self, problem: Any) -> Any:
        """The problem on every worker, sent where they do not have it. Raises TimeoutError where there is none."""
        digest = _digest(problem)
        if not self.client.nthreads():
            self.client.wait_for_workers(1, timeout=NOBODY_S)
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
            except TimeoutError:
                raise TrainingRefused(NOBODY) from None
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
