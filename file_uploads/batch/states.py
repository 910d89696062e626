"""What happens to jobs and chunks: every change of state, each in one transaction with the work that it puts into the
queue, so that neither exists without the other. All are called with the job's company in force."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from file_uploads.batch import telling, work
from file_uploads.models import ENDED, OPEN, BatchChunk, BatchJob, ChunkState, JobState
from platform_core.transactions import brief

WINDOW = 8
"""Chunks of a job that are in the queue at a time. Each that ends lets the next one in at the queue's end, so that jobs
take turns and a giant file does not keep ten rows waiting."""
MOST_FAILURES = 3
"""A chunk that failed so often is set aside."""


def begin(*, job_id: UUID) -> BatchJob | None:
    """Marks a job as running. None where it is gone or has ended."""
    now = timezone.now()
    _open(job_id).update(status=JobState.RUNNING, started_at=Coalesce("started_at", now))
    return _open(job_id).first()


def last_chunk(*, job_id: UUID) -> int:
    """The number of chunks that are cut already."""
    return int(BatchChunk.objects.filter(job_id=job_id).count())


@brief()
def add_chunk(*, job_id: UUID, number: int, first_row: int, rows: int) -> bool:
    """A chunk is there. False where the job has ended meanwhile: cut no more."""
    job = _open(job_id).select_for_update().first()
    if job is None:
        return False
    chunk = BatchChunk(company_id=job.company_id, job=job, number=number, first_row=first_row, rows=rows)
    BatchChunk.objects.bulk_create([chunk], ignore_conflicts=True)
    _release(job)
    return True


@brief()
def end_split(*, job_id: UUID, notes: list[str]) -> None:
    """All chunks are there: the number of rows is known."""
    job = _open(job_id).select_for_update().first()
    if job is None:
        return
    job.split, job.notes = True, notes
    job.rows_total = BatchChunk.objects.filter(job=job).aggregate(rows=Sum("rows"))["rows"] or 0
    job.save(update_fields=["split", "notes", "rows_total"])
    _release(job)


@brief()
def release(*, job_id: UUID) -> None:
    """Puts into the queue what may be there now: the next chunks, or the joining of all."""
    job = _open(job_id).select_for_update().first()
    if job is not None:
        _release(job)


def _release(job: BatchJob) -> None:
    chunks = BatchChunk.objects.filter(job=job)
    room = WINDOW - chunks.filter(state=ChunkState.QUEUED).count()
    waiting = chunks.filter(state=ChunkState.WAITING).order_by("number")[: max(room, 0)]
    for chunk in waiting:
        chunks.filter(pk=chunk.pk).update(state=ChunkState.QUEUED)
        work.defer_chunk(job, chunk.number)
    if job.split and not chunks.exclude(state__in=ENDED).exists():
        work.defer_join(job)


def start_chunk(*, job_id: UUID, number: int) -> tuple[BatchJob, BatchChunk] | None:
    """A worker takes a chunk: a new attempt, which fences off every earlier one. None where nothing is to be done."""
    mine = BatchChunk.objects.filter(job_id=job_id, number=number, state=ChunkState.QUEUED, job__status__in=OPEN)
    with brief():
        chunk = mine.select_for_update(of=("self",)).select_related("job").first()
        if chunk is None:
            return None
        chunk.attempt += 1
        chunk.save(update_fields=["attempt"])
    return chunk.job, chunk


@brief()
def end_chunk(
    *, chunk: BatchChunk, part: str, rows: int, done: int, rejected: int, notes: list[str], error: str = ""
) -> bool:
    """An attempt's answer. False where another attempt's was taken, or the job has ended: this one's is to be thrown
    away. `error`: why the chunk was set aside."""
    job = _open(chunk.job_id).select_for_update().first()
    taken = job is not None and BatchChunk.objects.filter(
        pk=chunk.pk, attempt=chunk.attempt, state=ChunkState.QUEUED
    ).update(
        state=ChunkState.SET_ASIDE if error else ChunkState.DONE,
        part=part,
        rows=rows,
        rows_done=done,
        rows_rejected=rejected,
        error=error,
    )
    if job is None or not taken:
        return False
    fresh = [note for note in notes if note not in job.notes]
    counted = {"rows_done": F("rows_done") + done, "rows_rejected": F("rows_rejected") + rejected}
    _open(chunk.job_id).update(**counted, notes=[*job.notes, *fresh], error="")
    if job.whole:
        _open(chunk.job_id).update(rows_total=rows)
    _release(job)
    return True


@brief()
def retry_chunk(*, chunk: BatchChunk, wait_s: float, failed: bool, error: str) -> bool:
    """An attempt came to nothing. Puts the chunk back for later. False where it has `failed` too often by now."""
    failures = chunk.failures + failed
    if failures >= MOST_FAILURES:
        return False
    if not failed:  # the job's row first, as everywhere
        wait(job_id=chunk.job_id, reason=error)
    mine = BatchChunk.objects.filter(pk=chunk.pk, attempt=chunk.attempt, state=ChunkState.QUEUED)
    if mine.update(failures=failures, error=error):
        work.defer_chunk(chunk.job, chunk.number, wait_s=wait_s)
    return True


def wait(*, job_id: UUID, reason: str) -> None:
    """Something lies in a job's way. Its `error` says what, until it goes on."""
    _open(job_id).update(error=reason)


@brief()
def look_again(*, job_id: UUID, task: str, lost: int, reason: str) -> None:
    """A file of the job was not there, `lost` times by now: puts the task back for later."""
    job = _open(job_id).select_for_update().first()
    if job is not None:
        wait(job_id=job_id, reason=reason)
        work.defer_again(task, job, lost=lost)


@brief()
def end(*, job_id: UUID, status: JobState, error: str = "", **values: Any) -> bool:
    """Ends a job for good, and says so. False where it had ended before, or is gone."""
    job = _open(job_id).select_for_update().first()
    if job is None:
        return False
    _open(job_id).update(status=status, error=error, ended_at=timezone.now(), **values)
    job.refresh_from_db()
    telling.tell(job)
    return True


def _open(job_id: UUID) -> QuerySet[BatchJob]:
    rows: QuerySet[BatchJob] = BatchJob.objects.filter(pk=job_id, status__in=OPEN)
    return rows


__all__ = [
    "MOST_FAILURES",
    "WINDOW",
    "add_chunk",
    "begin",
    "end",
    "end_chunk",
    "end_split",
    "last_chunk",
    "look_again",
    "release",
    "retry_chunk",
    "start_chunk",
    "wait",
]
