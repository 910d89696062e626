"""A job that came to nothing is taken up again, and only what is missing is done anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from file_uploads import tasks
from file_uploads.batch import intake, reopening, states, store
from file_uploads.models import BatchJob, ChunkState, JobState
from platform_core.errors import Conflict, NotFound
from platform_core.tenancy import company_in_force
from tests.file_uploads.batch.conftest import Queue, chunks, now, rows, taken, texts, written
from users.models import Company

pytestmark = pytest.mark.usefixtures("doubling", "small_chunks")


def half_done(company: Company, queue: Queue, path: Path) -> BatchJob:
    """A job that failed after three of its chunks."""
    job = taken(company, written(path / "in.csv", rows(100)))
    for _ in range(4):
        name, arguments = queue.pop(0)
        getattr(tasks, name.removeprefix("file_uploads.")).func(**arguments)
    with company_in_force(company.pk):
        states.end(job_id=job.pk, status=JobState.FAILED, error="the store was away")
    queue.clear()
    return job


def reopened(job: BatchJob) -> BatchJob:
    with company_in_force(job.company_id):
        return reopening.reopen(job_id=job.pk)


def whole(job: BatchJob) -> bool:
    """Whether it is done with every row in order."""
    done = now(job)
    names = [row[0] for row in texts(job, "results.csv")[1:]]
    return (done.status, done.rows_done, names) == (JobState.DONE, 100, [f"r{at}" for at in range(1, 101)])


def test_only_chunks_without_an_answer_are_answered_again(alice: Company, queue: Queue, tmp_path: Path) -> None:
    job = half_done(alice, queue, tmp_path)
    answered = {chunk.number for chunk in chunks(job) if chunk.state == ChunkState.DONE}
    assert len(answered) == 3
    reopened(job)
    queue.drain()
    assert whole(job)
    assert {chunk.number for chunk in chunks(job) if chunk.attempt == 1} >= answered


def test_rows_that_are_gone_are_cut_again(alice: Company, queue: Queue, tmp_path: Path) -> None:
    job = half_done(alice, queue, tmp_path)
    for name in store.names(alice.pk, job.pk):
        if name != store.INPUT:
            store.remove(store.key(alice.pk, job.pk, name))
    reopened(job)
    queue.drain()
    assert whole(job)


def test_a_cancelled_job_goes_on(alice: Company, queue: Queue, tmp_path: Path) -> None:
    job = taken(alice, written(tmp_path / "in.csv", rows(100)))
    with company_in_force(alice.pk):
        intake.cancel(job_id=job.pk)
    queue.drain()
    reopened(job)
    queue.drain()
    assert whole(job)


def test_what_is_done_or_open_or_without_its_file_is_left_alone(
    alice: Company, bob: Company, queue: Queue, tmp_path: Path
) -> None:
    job = taken(alice, written(tmp_path / "in.csv", rows(10)))
    with pytest.raises(Conflict, match="queued"):
        reopened(job)
    queue.drain()
    with pytest.raises(Conflict, match="done"):
        reopened(job)
    with company_in_force(bob.pk), pytest.raises(NotFound):
        reopening.reopen(job_id=job.pk)
    gone = half_done(alice, queue, tmp_path)
    store.remove_all(alice.pk, gone.pk)
    with pytest.raises(Conflict, match="send it again"):
        reopened(gone)
