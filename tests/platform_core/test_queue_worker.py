"""What a worker takes up of others, by the database's clock; and turns that are not missed when the clock goes back."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from procrastinate import periodic
from procrastinate.contrib.django import app
from psycopg import errors

from platform_core import jobs, queue_worker
from platform_core.queue_worker import SteadyDeferrer, rescue

TASK = "platform_core.resume_files"
HOUR = "interval '1 hour'"


def statement(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []


def worker(last_heartbeat: str) -> int:
    """A worker's id."""
    made = statement(f"INSERT INTO procrastinate_workers (last_heartbeat) VALUES ({last_heartbeat}) RETURNING id")
    return int(made[0][0])


def task(status: str, *, worker_id: int | None = None, scheduled_at: str = "NULL", queue: str = jobs.BATCH) -> int:
    """A task's id."""
    made = statement(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id, scheduled_at) "
        f"VALUES ('{queue}', '{TASK}', '{status}', {worker_id or 'NULL'}, {scheduled_at}) RETURNING id"
    )
    return int(made[0][0])


def state(task_id: int) -> tuple[str, bool]:
    """Its status, and whether it may be taken now."""
    asked = f"SELECT status, COALESCE(scheduled_at <= NOW(), true) FROM procrastinate_jobs WHERE id = {task_id}"
    return tuple(statement(asked)[0])


def rescued() -> int:
    async def within() -> int:
        connector = queue_worker._connector()
        with app.replace_connector(connector):
            await connector.open_async()
            try:
                return await rescue()
            finally:
                await connector.close_async()

    return asyncio.run(within())


@pytest.fixture
def empty_queue(transactional_db: None) -> None:
    """Django empties its own tables only."""
    statement("DELETE FROM procrastinate_jobs")
    statement("DELETE FROM procrastinate_workers")


@pytest.mark.usefixtures("empty_queue")
def test_tasks_of_the_dead_and_of_nobody_are_given_to_the_living_and_no_others() -> None:
    living, dead = worker("NOW()"), worker(f"NOW() - {HOUR}")
    kept = [task("doing", worker_id=living), task("succeeded", worker_id=dead)]
    lost = [task("doing", worker_id=dead), task("doing")]
    assert rescued() == 2
    assert [state(one) for one in lost] == [("todo", True)] * 2
    assert [state(one)[0] for one in kept] == ["doing", "succeeded"]
    assert rescued() == 0


@pytest.mark.usefixtures("empty_queue")
def test_a_clock_that_was_set_back_hides_no_dead_worker_and_no_task(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = task("doing", worker_id=worker(f"NOW() + {HOUR}"))
    ahead = task("todo", scheduled_at=f"NOW() + {HOUR}")
    message = task("todo", scheduled_at=f"NOW() + {HOUR}", queue=jobs.TELLING)
    soon = task("todo", scheduled_at="NOW() + interval '20 seconds'")
    assert rescued() == 0  # it may live: its heartbeat counts from now on
    assert state(ahead) == ("todo", True)
    assert [state(message)[1], state(soon)[1]] == [False, False]  # these may wait so long
    monkeypatch.setattr(jobs, "DEAD_AFTER_S", 0.0)
    assert rescued() == 1
    assert state(lost) == ("todo", True)


@pytest.mark.usefixtures("empty_queue")
def test_what_a_worker_puts_into_the_queue_comes_and_goes_with_its_transaction() -> None:
    def work() -> None:
        with suppress(Undone), transaction.atomic():
            jobs.defer(TASK, queue=jobs.CHORES, timestamp=1)
            raise Undone
        jobs.defer(TASK, queue=jobs.CHORES, timestamp=2)
        connection.close()

    async def within() -> None:
        connector = queue_worker._connector()
        with app.replace_connector(connector):
            await connector.open_async()
            try:
                await asyncio.to_thread(work)
            finally:
                await connector.close_async()

    asyncio.run(within())
    assert statement("SELECT args->>'timestamp' FROM procrastinate_jobs") == [("2",)]


@pytest.mark.usefixtures("empty_queue")
def test_a_small_file_is_not_kept_waiting_by_as_many_large_ones_as_there_are_places() -> None:
    began, small_done = threading.Semaphore(0), threading.Event()
    tasks = app.tasks

    @app.task(name="tests.large", queue=jobs.BATCH)
    def large() -> None:
        began.release()
        assert small_done.wait(60)

    @app.task(name="tests.small", queue=jobs.QUICK)
    def small() -> None:
        for _ in range(2):
            assert began.acquire(timeout=60)  # both places are taken
        small_done.set()

    try:
        for name, queue in (("tests.large", jobs.BATCH), ("tests.large", jobs.BATCH), ("tests.small", jobs.QUICK)):
            jobs.defer(name, queue=queue)
        # Of three tasks with two places, the small one could not be done before a large one, which waits for it.
        queue_worker.run_worker(name="w", concurrency=2, queues=[jobs.QUICK, jobs.BATCH], wait=False)
    finally:
        for name in ("tests.large", "tests.small"):
            tasks.pop(name)
        connection.close()
    assert small_done.is_set()
    assert statement("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE 'tests.%'") == [(0,)]
    assert statement("SELECT count(*) FROM procrastinate_workers") == [(0,)]


class Undone(Exception):
    """The transaction comes to nothing."""


def test_turns_come_again_when_the_clock_is_set_back() -> None:
    registry = periodic.PeriodicRegistry()

    @registry.periodic_decorator(cron="* * * * *", periodic_id="")
    @app.task(name="tests.every_minute")
    def every_minute(timestamp: int) -> None:
        """Nothing."""

    steady, noon = SteadyDeferrer(registry=registry), 1_800_000_000.0
    assert len(list(steady.get_previous_tasks(noon + 1))) == 1
    assert len(list(steady.get_previous_tasks(noon + 61))) == 1
    assert list(steady.get_previous_tasks(noon + 61)) == []
    assert [turn for _, turn in steady.get_previous_tasks(noon - 3_539)] == [int(noon) - 3_540]
    assert [turn for _, turn in steady.get_previous_tasks(noon - 3_479)] == [int(noon) - 3_480]


@pytest.mark.parametrize("cause", [errors.AdminShutdown(), errors.IdleInTransactionSessionTimeout()])
def test_a_connection_lost_while_a_task_is_put_into_the_queue_is_passing_trouble(
    monkeypatch: pytest.MonkeyPatch, cause: Exception
) -> None:
    class Lost:
        def defer_job(self, **asked: Any) -> None:
            raise queue_worker.ConnectorException from cause

    monkeypatch.setattr(jobs, "_transactional", Lost)
    with pytest.raises(OperationalError):
        jobs.defer("a.task", queue=jobs.BATCH)
