"""What becomes of the database, the disk, the store and the clock while a job runs."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection

from tests.faults.bucket_server import BucketServer, bucket_server
from tests.faults.conftest import Scene
from tests.file_uploads.batch.conftest import chunks, now

pytestmark = pytest.mark.slow
HOUR_S = 3600
BLOCK = b"\0" * (1 << 20)


def failures(scene: Scene, job: Any) -> int:
    """What was counted against the job's chunks."""
    return sum(chunk.failures for chunk in chunks(job))


def test_a_database_that_restarts_twice_costs_no_worker_and_no_row(scene: Scene, undisturbed: list[bytes]) -> None:
    workers = scene.crew.ready(2)
    job = scene.submit()
    scene.begun(job)
    scene.place.postgres("restart", "fast")
    done = scene.wait(lambda: now(job).rows_done)
    scene.begun(job, done + 1)
    scene.place.postgres("restart", "immediate")
    scene.check(job, undisturbed)
    scene.tell("PostgreSQL restarted twice, once as by a crash", job)
    assert failures(scene, job) == 0
    assert [worker.poll() for worker in workers] == [None, None]


def test_a_full_disk_is_waited_for_and_told(scene: Scene, undisturbed: list[bytes]) -> None:
    if not scene.place.own_disk:
        pytest.skip("a disk that may be filled is not on this machine")
    scene.crew.ready(2)
    job = scene.submit()
    scene.begun(job)
    ballast = scene.place.files / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(BLOCK)
    scene.wait(lambda: "No space left on device: waiting" in now(job).error)
    ballast.unlink()
    scene.check(job, undisturbed)
    scene.tell("disk full at writing results", job)
    assert failures(scene, job) == 0


def test_a_clock_set_back_and_forth_makes_nobody_wait(scene: Scene, undisturbed: list[bytes]) -> None:
    if not scene.place.clock:
        pytest.skip("a compiler for the clock's shim is not on this machine")
    victim, _ = scene.crew.ready(2)
    job = scene.submit()
    scene.begun(job)
    with connection.cursor() as cursor:  # as tasks put off just before the clock is set back
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() + '5 seconds' WHERE status = 'todo'")
    scene.place.set_clock(-HOUR_S)
    try:
        scene.crew.end(victim)
        scene.check(job, undisturbed)
        scene.crew.ready(2)
        second = scene.submit()
        scene.begun(second)
    finally:
        scene.place.set_clock(0)
    scene.check(second, undisturbed)
    scene.tell("clock set back an hour, a worker killed", job)
    scene.tell("clock set forth an hour", second)
    assert failures(scene, job) + failures(scene, second) == 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_bucket_that_is_overloaded_and_slow_counts_against_no_chunk(
    scene: Scene, undisturbed: list[bytes], settings: Any
) -> None:
    with bucket_server() as server:
        keys = {"access_key": "testing", "secret_key": "testing"}
        options = {"bucket_name": "files", "endpoint_url": server.address, "file_overwrite": True, **keys}
        bucket = {"BACKEND": "platform_core.bucket.Bucket", "OPTIONS": options}
        settings.STORAGES = {**settings.STORAGES, "files": bucket}
        scene.crew.dismiss()
        scene.crew.ready(
            2, FILES_BUCKET="files", S3_ENDPOINT_URL=server.address,
            AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing",
        )  # fmt: skip
        try:
            job = scene.submit()
            scene.begun(job)
            trouble(scene, server, job)
            scene.check(job, undisturbed)
        finally:
            scene.crew.dismiss()
    scene.tell(f"S3 answers 503 ({server.refused} times) and slowly ({server.delayed} times)", job)
    assert failures(scene, job) == 0
    assert server.refused > 0
    assert server.delayed > 0


def trouble(scene: Scene, server: BucketServer, job: Any) -> None:
    """503 until the job says that it waits, then answers that come too late."""
    server.mode = "busy"
    scene.wait(lambda: "The store does not answer" in now(job).error)
    server.mode, server.slow_s = "slow", 1.5
    before = server.delayed
    scene.wait(lambda: server.delayed > before + 4)
    time.sleep(1)
    server.mode = ""
