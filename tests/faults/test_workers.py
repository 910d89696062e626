"""What becomes of workers and their children: killed, stopped, two at the same."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from file_uploads.batch import watching, work
from file_uploads.models import ChunkState
from platform_core.tenancy import company_in_force
from tests.faults.conftest import LONG, Scene
from tests.file_uploads.batch.conftest import chunks, now

pytestmark = pytest.mark.slow
KILLS = 50 if LONG else 3
BETWEEN_S = (2.0, 9.0) if LONG else (0.2, 1.2)
SEED = 42


def test_workers_killed_at_random_times_cost_no_row(scene: Scene, undisturbed: list[bytes]) -> None:
    chance, killed = random.Random(SEED), 0
    scene.crew.ready(2)
    with scene.crew.slowed(4.0 if LONG else 0.4):
        job = scene.submit()
        scene.begun(job)
        while killed < KILLS and not now(job).ended_at:
            time.sleep(chance.uniform(*BETWEEN_S))
            scene.crew.end(scene.crew.ready(2)[0])
            killed += not now(job).ended_at
    scene.crew.ready(2)
    scene.check(job, undisturbed)
    scene.tell(f"worker killed {killed} times", job)
    assert killed == KILLS, "the job was over before the last kill"


def test_a_worker_that_hangs_without_dying_loses_its_work_and_answers_too_late(
    scene: Scene, undisturbed: list[bytes]
) -> None:
    hanging, other = scene.crew.ready(2)
    job = scene.submit()
    scene.begun(job)
    os.kill(hanging.pid, signal.SIGSTOP)
    try:
        scene.check(job, undisturbed)
    finally:
        os.kill(hanging.pid, signal.SIGCONT)
    scene.crew.end(other)
    scene.check(scene.submit(), undisturbed)  # by the one that hung
    assert hanging.poll() is None
    watching.tidy()  # as every hour: what it answered too late may lie about
    scene.check(job, undisturbed)
    scene.tell("worker stopped, others take over, then it goes on", job)


@pytest.mark.parametrize("fate", [signal.SIGKILL, signal.SIGSTOP])
def test_a_child_that_is_killed_or_stopped_at_work_is_replaced(
    scene: Scene, undisturbed: list[bytes], fate: signal.Signals
) -> None:
    worker = scene.crew.ready(2)[0]
    job = scene.submit()
    scene.begun(job)
    os.kill(scene.crew.children(worker)[0], fate)
    scene.check(job, undisturbed)
    scene.tell(f"child at work gets {fate.name}", job)
    assert {chunk.state for chunk in chunks(job)} == {ChunkState.DONE}
    assert worker.poll() is None


def test_children_that_are_killed_or_stopped_while_idle_cost_no_chunk_a_try(
    scene: Scene, undisturbed: list[bytes]
) -> None:
    first, second = scene.crew.ready(2)
    idle = [scene.crew.children(first)[0], scene.crew.children(second)[0]]
    os.kill(idle[0], signal.SIGSTOP)
    os.kill(idle[1], signal.SIGKILL)
    job = scene.submit()
    scene.check(job, undisturbed)
    scene.tell("idle children stopped and killed", job)
    assert sum(chunk.failures for chunk in chunks(job)) == 0


def test_two_workers_on_one_chunk_count_it_once(scene: Scene, undisturbed: list[bytes]) -> None:
    scene.crew.ready(2)
    job = scene.submit()
    twice: set[int] = set()
    while not now(job).ended_at:
        with company_in_force(job.company_id):
            for chunk in chunks(job):
                if chunk.state == ChunkState.QUEUED and chunk.number not in twice:
                    work.defer_chunk(job, chunk.number)
                    twice.add(chunk.number)
        time.sleep(0.02)
    scene.check(job, undisturbed)
    scene.tell("two workers on each chunk", job)
    assert any(chunk.attempt > 1 for chunk in chunks(job))
