"""joblib's Dask backend as trainings need it: what goes over the network is counted, every failure comes back, and
nothing is done here instead.

joblib's own (1.6) waits for ever for a call whose worker it brings down (KilledWorker), and where one thread is left at
the workers it makes every call in this process, without a word.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from dask.sizeof import sizeof
from distributed import as_completed
from distributed.protocol.pickle import dumps
from joblib._dask import DaskDistributedBackend

from ml_services.dask_worker import run_calls

Count = Callable[[int, int, float], None]
"""`count(transfers, bytes, seconds)`."""


class CountingBackend(DaskDistributedBackend):  # type: ignore[misc]
    """Of one `joblib.Parallel` at a time: several threads take one each."""

    def __init__(self, client: Any, expected: dict[str, str], count: Count) -> None:
        super().__init__(client=client)
        self._expected, self._count = expected, count
        self._scattered: set[str] = set()

    def effective_n_jobs(self, n_jobs: int) -> int:
        # joblib makes calls here where the answer is one.
        return max(int(super().effective_n_jobs(n_jobs)), 2)

    def submit(self, func: Any, callback: Any = None) -> Future[None]:
        return asyncio.run_coroutine_threadsafe(self._carried(func, callback), self.client.loop.asyncio_loop)

    async def _carried(self, calls: Any, callback: Any) -> None:
        """Has the calls made by a worker; tells joblib what they return, or the error."""
        try:
            started = time.perf_counter()
            packed = (await self._to_func_args(calls))[1]  # large arguments are scattered, once in a `Parallel`
            self._count_arguments(calls.items, packed)
            future = self.client.submit(run_calls, self._expected, packed, pure=False)
            self._count(1, len(dumps(packed)), time.perf_counter() - started)
            async for _ in as_completed([future], loop=self.client.loop):
                started = time.perf_counter()
            said = await self.client.gather(future, asynchronous=True)
            self._count(1, len(dumps(said)), time.perf_counter() - started)
        except (Exception, asyncio.CancelledError) as problem:
            said = problem
        callback(said)

    def _count_arguments(self, given: list[Any], packed: list[Any]) -> None:
        for before, after in zip(given, packed, strict=True):
            pairs = zip([*before[1], *before[2].values()], [*after[1], *after[2].values()], strict=True)
            for argument, there in pairs:
                if there is not argument and there.key not in self._scattered:
                    self._scattered.add(there.key)
                    self._count(1, sizeof(argument), 0.0)

    def retrieve_result_callback(self, out: Any) -> Any:
        if isinstance(out, BaseException):
            raise out
        return out


__all__ = ["CountingBackend"]
