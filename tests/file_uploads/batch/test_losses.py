"""Files of a job that are not where they were put: looked for again, cut anew where they can be, told in the end. And
files that take more memory than there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from file_uploads import tasks
from file_uploads.batch import answering, splitting, states, store
from file_uploads.chunks import Chunk
from file_uploads.models import BatchJob, JobState
from platform_core.errors import PlatformError
from tests.file_uploads.batch.conftest import Queue, chunks, now, rows, taken, texts, written
from users.models import Company

pytestmark = pytest.mark.usefixtures("doubling", "small_chunks")


def path_of(job: BatchJob, name: str) -> Path:
    path = store.local(store.key(job.company_id, job.pk, name))
    assert path is not None
    return path


def cut(company: Company, queue: Queue, tmp_path: Path) -> BatchJob:
    """A job of six chunks that wait to be answered."""
    job = taken(company, written(tmp_path / "in.csv", rows(60)))
    tasks.split_file.func(**queue.pop(0)[1])
    assert len(chunks(job)) == 6
    return job


def test_a_chunk_that_is_gone_is_cut_anew(alice: Company, queue: Queue, tmp_path: Path) -> None:
    job = cut(alice, queue, tmp_path)
    gone = path_of(job, store.chunk_name(2))
    before = gone.read_bytes()
    gone.unlink()
    tasks.answer_chunk.func(company_id=alice.pk, job_id=str(job.pk), number=2)
    assert gone.read_bytes() == before
    queue.drain()
    done = now(job)
    assert (done.status, done.rows_done, done.rows_rejected, done.error) == (JobState.DONE, 60, 0, "")
    assert [row[0] for row in texts(job, "results.csv")[1:]] == [f"r{at}" for at in range(1, 61)]


def test_a_chunk_that_stays_away_ends_the_job(alice: Company, queue: Queue, tmp_path: Path) -> None:
    job = cut(alice, queue, tmp_path)
    path_of(job, store.chunk_name(2)).unlink()
    path_of(job, store.INPUT).unlink()
    queue.drain()
    ended = now(job)
    assert ended.status == JobState.FAILED
    assert "Send the file again" in ended.error
    assert chunks(job)[1].attempt == states.MOST_FAILURES


def test_a_file_that_is_gone_before_it_is_cut_ends_the_job(alice: Company, queue: Queue, tmp_path: Path) -> None:
    job = taken(alice, written(tmp_path / "in.csv", rows(60)))
    path_of(job, store.INPUT).unlink()
    tasks.split_file.func(**queue.pop(0)[1])
    assert now(job).status == JobState.RUNNING
    assert "looking again" in now(job).error
    assert [arguments["lost"] for _, arguments in queue] == [1]
    queue.drain()
    assert now(job).status == JobState.FAILED
    assert "Send the file again" in now(job).error


def test_a_file_that_comes_back_in_time_is_predicted(alice: Company, queue: Queue, tmp_path: Path) -> None:
    job = taken(alice, written(tmp_path / "in.csv", rows(60)))
    place = path_of(job, store.INPUT)
    place.rename(tmp_path / "away")
    tasks.split_file.func(**queue.pop(0)[1])
    (tmp_path / "away").rename(place)
    queue.drain()
    assert (now(job).status, now(job).rows_done, now(job).error) == (JobState.DONE, 60, "")


def test_an_answer_that_is_gone_before_it_is_joined_ends_the_job(alice: Company, queue: Queue, tmp_path: Path) -> None:
    job = cut(alice, queue, tmp_path)
    while queue[0][0] != "file_uploads.join_results":
        tasks.answer_chunk.func(**queue.pop(0)[1])
    path_of(job, f"{chunks(job)[3].part}.csv").unlink()
    queue.drain()
    assert now(job).status == JobState.FAILED
    assert "Send the file again" in now(job).error


def test_rows_that_can_neither_be_answered_nor_set_aside_end_the_job(
    alice: Company, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(work: answering.Work) -> answering.Answered:
        raise PlatformError("the model broke")

    job = cut(alice, queue, tmp_path)
    monkeypatch.setattr(answering, "answer", failing)
    path_of(job, store.chunk_name(1)).unlink()
    queue.drain()
    assert now(job).status == JobState.FAILED
    assert "Send the file again" in now(job).error


def test_a_file_that_is_answered_whole_and_is_gone_ends_the_job(
    alice: Company, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("file_uploads.batch.intake.reads_purchases", lambda model, columns: True)
    job = taken(alice, written(tmp_path / "in.csv", rows(5)))
    tasks.split_file.func(**queue.pop(0)[1])
    path_of(job, store.INPUT).unlink()
    queue.drain()
    assert now(job).status == JobState.FAILED
    assert "Send the file again" in now(job).error


def test_a_file_that_takes_more_memory_than_there_is_fails_and_says_so(
    alice: Company, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def greedy(chunk: Chunk, path: Path) -> None:
        raise MemoryError

    job = taken(alice, written(tmp_path / "in.csv", rows(20)))
    monkeypatch.setattr(splitting, "write_chunk", greedy)
    queue.drain()
    assert now(job).status == JobState.FAILED
    assert now(job).error == tasks.OUT_OF_MEMORY
