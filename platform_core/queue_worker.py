"""A worker's life with the queue. It ends by a signal, or, where that is asked, with the queue; a database that is
away it waits for. What others left behind it takes up."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from procrastinate import signals
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.periodic import PeriodicDeferrer
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.worker import Worker

from platform_core import jobs, transactions
from platform_core.queue_rescue import rescue

HEARTBEAT_S = 2.0
RESCUE_S = 5.0
"""Between two looks for tasks of the dead."""
POLL_S = 1.0
"""A task is announced at once; this is for announcements that got lost."""
GRACE_S = 20.0
"""What a worker that is told to end may still take."""
QUICK_LANE: dict[str, Any] = {"queues": [jobs.QUICK], "concurrency": 1, "wait": True}
"""Beside its usual places, each worker has one for small files alone, so that they never stand behind a large one."""
LANES = 2
"""So many workers, as procrastinate counts them, are one of ours."""
LONGEST_AWAY_S = 5.0
"""Between two tries to reach the database, at most."""
SPARE_THREADS = 4
"""Beside one for each task at a time."""
LOST = (ConnectorException, psycopg.Error, OSError)
log = logging.getLogger(__name__)


class SteadyDeferrer(PeriodicDeferrer):
    """Forgets turns that lie ahead: they were taken before the clock was set back."""

    def get_previous_tasks(self, at: float) -> Any:
        """The turns that may be due."""
        self.last_defers = {key: turn for key, turn in self.last_defers.items() if turn <= at}
        return super().get_previous_tasks(at)


class LivingWorker(Worker):
    """Procrastinate's worker, which takes up what others left. `stopped`: something told it to end, be it only a
    lost connection."""

    stopped = False

    def stop(self) -> None:
        """Takes nothing more."""
        self.stopped = True
        super().stop()  # type: ignore[no-untyped-call]

    async def _periodic_deferrer(self) -> None:
        await SteadyDeferrer(registry=self.app.periodic_registry, **self.app.periodic_defaults).worker()

    async def _take_up(self) -> None:
        while True:
            if taken := await rescue():
                log.warning("%d tasks of lost workers are taken up", taken)
            await asyncio.sleep(RESCUE_S)

    def _start_side_tasks(self) -> list[asyncio.Task[Any]]:
        return [*super()._start_side_tasks(), asyncio.create_task(self._take_up(), name="rescue")]


class QuickLane(LivingWorker):
    """The place for small files alone: turns and the tasks of the dead are the usual lane's matter."""

    async def _leave_to_the_other(self) -> None:
        await asyncio.Event().wait()

    _periodic_deferrer = _take_up = _leave_to_the_other


class Life:
    """One worker from start to end, with as many connections to the database as it takes."""

    def __init__(self, options: dict[str, Any], again: Callable[[], None]) -> None:
        self.options, self.again = options, again
        self.told = asyncio.Event()
        self.left: set[int] = set()
        """How the queue knew this worker before it lost it: nobody works under these names any more."""

    async def live(self) -> None:
        """Until it is told to end, or the queue is empty."""
        tries = 0
        with signals.on_stop(self.told.set):
            while True:
                began = time.monotonic()
                lost = await self._connected()
                if lost is None or self.told.is_set():
                    return
                tries = 1 if time.monotonic() - began > 2 * LONGEST_AWAY_S else tries + 1
                log.warning("The queue cannot be reached (%s); trying again.", lost)
                await asyncio.to_thread(self.again)
                await self._unless_told(asyncio.sleep(min(jobs.wait_s(tries), LONGEST_AWAY_S)))

    async def _connected(self) -> str | None:
        """Works while the connection lasts. Returns what ended it, None for its own end."""
        connector = _connector()
        with app.replace_connector(connector):
            usual = LivingWorker(app=app, **{**app.worker_defaults, **self.options})
            quick = QuickLane(app=app, **{**app.worker_defaults, **self.options, **QUICK_LANE})
            try:
                await self._unless_told(connector.open_async())
                if not self.told.is_set():
                    await self._forget_left()
                    await self._run(usual, quick)
                return "a connection was lost" if usual.stopped else None
            except LOST as problem:
                return type(problem.__cause__ or problem).__name__
            finally:
                self.left |= {lane.worker_id for lane in (usual, quick) if lane.worker_id is not None}
                await connector.close_async()

    async def _run(self, *lanes: LivingWorker) -> None:
        """Until the first of them ends, which ends the others: by what ended it, or because the queue is empty."""
        ends = [asyncio.ensure_future(lane.run()) for lane in lanes]  # type: ignore[no-untyped-call]
        asking = asyncio.ensure_future(self._stop_when_told(lanes))
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in (asking, *ends):
                end.cancel()
            await asyncio.gather(asking, *ends, return_exceptions=True)
        for end in done:
            end.result()

    async def _stop_when_told(self, lanes: Iterable[LivingWorker]) -> None:
        await self.told.wait()
        for lane in lanes:
            lane.stop()

    async def _forget_left(self) -> None:
        """What it held under its former names is free at once, not only when they are taken for dead."""
        for worker_id in list(self.left):
            await app.job_manager.unregister_worker(worker_id)
            self.left.discard(worker_id)

    async def _unless_told(self, awaitable: Any) -> None:
        """Waits for it, or until told to end."""
        waits = [asyncio.ensure_future(awaitable), asyncio.ensure_future(self.told.wait())]
        done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for one in pending:
            one.cancel()
        for one in done:
            one.result()


def _connector() -> PsycopgConnector:
    """The queue's own connections. The server ends one that falls silent with a task's row in its hand."""
    reach = connector_params()
    silence = f"-c {transactions.IDLE}={int(transactions.BRIEF_S * 1000)}"
    return PsycopgConnector(kwargs={**reach, "options": f"{reach.get('options', '')} {silence}".strip()})


def run_worker(
    *,
    name: str,
    concurrency: int,
    queues: Iterable[str] = jobs.QUEUES,
    wait: bool = True,
    again: Callable[[], None] = lambda: None,
) -> None:
    """Works until a signal ends it, or, without `wait`, until the queue is empty. A database that is away is waited
    for; `again` is called before each new try to reach it."""
    options = {
        "name": name,
        "queues": list(queues),  # psycopg sends a tuple as a row, not as an array
        "concurrency": concurrency,
        "wait": wait,
        "fetch_job_polling_interval": POLL_S,
        "update_heartbeat_interval": HEARTBEAT_S,
        "stalled_worker_timeout": jobs.DEAD_AFTER_S,
        "shutdown_graceful_timeout": GRACE_S,
        "delete_jobs": "successful",
        "install_signal_handlers": False,
    }

    async def work() -> None:
        threads = ThreadPoolExecutor(concurrency + QUICK_LANE["concurrency"] + SPARE_THREADS)
        asyncio.get_running_loop().set_default_executor(threads)  # the usual one has as many as there are cores
        await Life(options, again).live()

    app.perform_import_paths()  # type: ignore[no-untyped-call]
    asyncio.run(work())


__all__ = ["LANES", "LivingWorker", "SteadyDeferrer", "run_worker"]
