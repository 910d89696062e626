"""What goes wrong on the way costs time, never rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from file_uploads import tasks
from file_uploads.batch import answering, splitting, states, store, watching
from file_uploads.chunks import Chunk
from file_uploads.models import BatchChunk, BatchJob, ChunkState, JobState
from file_uploads.writing import whole
from ml_services.base import Model
from platform_core.errors import PlatformError
from platform_core.tenancy import company_in_force
from tests.file_uploads.batch.conftest import Queue, chunks, now, rows, taken, texts, written
from tests.stored import changed
from users.models import Company

pytestmark = pytest.mark.usefixtures("doubling", "small_chunks")


def test_a_task_that_runs_twice_counts_once(alice: Company, queue: Queue, tmp_path: Path) -> None:
    job = taken(alice, written(tmp_path / "in.csv", rows(60)))
    seen = []
    while queue:
        seen.append(queue[0])
        queue.append(queue[0]) if len(seen) < 40 else None
        name, arguments = queue.pop(0)
        getattr(tasks, name.removeprefix("file_uploads.")).func(**arguments)
    done = now(job)
    assert (done.status, done.rows_done) == (JobState.DONE, 60)
    assert len(texts(job, "results.csv")) == 61


def test_a_worker_thought_dead_that_answers_late_is_not_counted(alice: Company, queue: Queue, tmp_path: Path) -> None:
    job = taken(alice, written(tmp_path / "in.csv", rows(20)))
    tasks.split_file.func(**queue.pop(0)[1])
    with company_in_force(alice.pk):
        first = states.start_chunk(job_id=job.pk, number=1)
        second = states.start_chunk(job_id=job.pk, number=1)
        assert first and second
        answered = answering.answer(tasks.work_of(*first))
        late = {"part": "x", "rows": answered.rows, "done": answered.done, "rejected": 0, "notes": []}
        assert not states.end_chunk(chunk=first[1], **late)
        assert states.end_chunk(chunk=second[1], **late | {"part": tasks.work_of(*first).part})
        assert not states.end_chunk(chunk=second[1], **late)
    queue.drain()
    assert (now(job).status, now(job).rows_done) == (JobState.DONE, 20)


def test_a_chunk_that_fails_again_and_again_is_set_aside_with_the_reason(
    alice: Company, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = answering.answer

    def failing(work: answering.Work) -> answering.Answered:
        if work.number == 2:
            raise PlatformError("the model broke")
        return answer(work)

    monkeypatch.setattr(answering, "answer", failing)
    job = taken(alice, written(tmp_path / "in.csv", rows(60)))
    queue.drain()
    done, parts = now(job), chunks(job)
    assert done.status == JobState.DONE
    assert "the model broke" in done.error
    assert [chunk.state for chunk in parts].count(ChunkState.SET_ASIDE) == 1
    assert (parts[1].attempt, parts[1].rows_rejected) == (states.MOST_FAILURES, parts[1].rows)
    rejects = texts(job, "rejects.csv")[1:]
    assert {row[3] for row in rejects} == {"the model broke"}
    assert done.rows_done + len(rejects) == 60


def test_a_full_disk_counts_against_no_chunk(
    alice: Company, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []
    answer = answering.answer

    def full(work: answering.Work) -> answering.Answered:
        tries.append(work.number)
        if len(tries) < 12:
            raise OSError(28, "No space left on device")
        return answer(work)

    monkeypatch.setattr(answering, "answer", full)
    job = taken(alice, written(tmp_path / "in.csv", rows(60)))
    queue.drain()
    assert (now(job).status, now(job).rows_done, now(job).error) == (JobState.DONE, 60, "")


def test_a_disk_that_is_full_while_the_file_is_cut_is_told_and_waited_for(
    alice: Company, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = splitting.write_chunk

    def full(chunk: Chunk, path: Path) -> None:
        raise OSError(28, "No space left on device")

    job = taken(alice, written(tmp_path / "in.csv", rows(60)))
    monkeypatch.setattr(splitting, "write_chunk", full)
    with pytest.raises(OSError, match="No space"):
        tasks.split_file.func(**queue[0][1])
    assert (now(job).status, now(job).error) == (
        JobState.RUNNING,
        "No space left on device: waiting, and trying again.",
    )
    monkeypatch.setattr(splitting, "write_chunk", write)
    queue.drain()
    assert (now(job).status, now(job).rows_done, now(job).error) == (JobState.DONE, 60, "")


def test_a_full_disk_is_not_the_fault_of_a_file_that_is_answered_whole(
    alice: Company, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        with whole(tmp_path / "results.csv"):
            raise OSError(28, "No space left on device")

    job = taken(alice, written(tmp_path / "in.csv", rows(10)))
    chunk = BatchChunk(company=alice, job=job, number=1, first_row=1, rows=10)
    monkeypatch.setattr(answering, "score_file", full)
    with pytest.raises(OSError, match="No space"):
        answering.answer(replace(tasks.work_of(job, chunk), whole=True))


def test_what_a_worker_had_no_time_to_clear_away_goes_with_the_next_try(
    alice: Company, queue: Queue, tmp_path: Path
) -> None:
    job = taken(alice, written(tmp_path / "in.csv", rows(10)))
    queue.drain()
    with store.writing(store.key(alice.pk, job.pk, "part-000001-1.csv")) as path:
        path.write_text("left")
    tasks.join_results.func(company_id=alice.pk, job_id=str(job.pk))
    assert store.names(alice.pk, job.pk) == ["input", "people.bin", "rejects.csv", "results.csv"]
    assert now(job).status == JobState.DONE


def test_work_that_the_queue_has_lost_is_taken_up_again(alice: Company, queue: Queue, tmp_path: Path) -> None:
    job = taken(alice, written(tmp_path / "in.csv", rows(60)))
    queue.clear()
    watching.resume()
    tasks.split_file.func(**queue.pop(0)[1])
    queue.clear()
    watching.resume()
    queue.drain()
    assert (now(job).status, now(job).rows_done) == (JobState.DONE, 60)


def test_a_cancelled_job_is_worked_on_no_more(alice: Company, queue: Queue, tmp_path: Path) -> None:
    job = taken(alice, written(tmp_path / "in.csv", rows(60)))
    tasks.split_file.func(**queue.pop(0)[1])
    with company_in_force(alice.pk):
        assert states.end(job_id=job.pk, status=JobState.CANCELLED)
        assert not states.end(job_id=job.pk, status=JobState.DONE)
    queue.drain()
    assert now(job).status == JobState.CANCELLED
    assert {chunk.attempt for chunk in chunks(job)} == {0}


def test_a_job_that_is_removed_while_it_runs_leaves_no_error(alice: Company, queue: Queue, tmp_path: Path) -> None:
    job = taken(alice, written(tmp_path / "in.csv", rows(60)))
    tasks.split_file.func(**queue.pop(0)[1])
    with company_in_force(alice.pk):
        BatchJob.objects.filter(pk=job.pk).delete()
    queue.drain()


def test_rows_that_do_not_add_up_are_never_called_done(alice: Company, queue: Queue, tmp_path: Path) -> None:
    job = taken(alice, written(tmp_path / "in.csv", rows(60)))
    while queue[0][0] != "file_uploads.join_results":
        name, arguments = queue.pop(0)
        getattr(tasks, name.removeprefix("file_uploads.")).func(**arguments)
    changed(BatchJob, {"pk": job.pk}, rows_done=59)
    queue.drain()
    assert now(job).status == JobState.FAILED
    assert "add up" in now(job).error


def test_the_model_that_answers_is_the_one_of_the_beginning(
    alice: Company, queue: Queue, tmp_path: Path, doubling: Model
) -> None:
    job = taken(alice, written(tmp_path / "in.csv", rows(10)))
    assert job.model["version"] == "v1"
    with company_in_force(alice.pk):
        states.begin(job_id=job.pk)
        chunk = BatchChunk(company=alice, job=job, number=1, first_row=1, rows=10)
        assert tasks.work_of(job, chunk).model == job.model
