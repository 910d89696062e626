"""A job that failed or was cancelled is taken up again: only what is missing is done anew."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from file_uploads.batch import store, work
from file_uploads.models import BatchChunk, BatchJob, ChunkState, JobState
from platform_core.errors import Conflict, NotFound


@transaction.atomic
def reopen(*, job_id: UUID) -> BatchJob:
    """Puts a job back into the queue. Called with its company in force. Raises NotFound; Conflict where it has not
    come to nothing, or its file is gone."""
    job: BatchJob | None = BatchJob.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        raise NotFound("There is no such upload.")
    if job.status not in {JobState.FAILED, JobState.CANCELLED}:
        raise Conflict(f"This upload is {job.status}: what failed or was cancelled can be tried again.")
    there = set(store.names(job.company_id, job.pk))
    if store.INPUT not in there:
        raise Conflict("The file of this upload is gone: send it again.")
    kept = _keep_answered(job, there)
    job.rows_done, job.rows_rejected = kept["done"] or 0, kept["rejected"] or 0
    job.status, job.error, job.ended_at = JobState.QUEUED, "", None
    job.save(update_fields=["rows_done", "rows_rejected", "status", "error", "ended_at", "split"])
    work.defer_split(job)
    return job


def _keep_answered(job: BatchJob, there: set[str]) -> dict[str, int | None]:
    """Chunks whose answers are there stay; the others wait again, or are cut again where their rows are gone."""
    chunks = BatchChunk.objects.filter(job=job)
    answered = [chunk.pk for chunk in chunks.filter(state=ChunkState.DONE) if _has_part(chunk, there)]
    missing = chunks.exclude(pk__in=answered)
    if not job.whole and any(store.chunk_name(chunk.number) not in there for chunk in missing):
        chunks.delete()
        job.split = False
    missing.update(state=ChunkState.WAITING, failures=0, rows_done=0, rows_rejected=0, part="", error="")
    sums: dict[str, int | None] = chunks.aggregate(done=Sum("rows_done"), rejected=Sum("rows_rejected"))
    return sums


def _has_part(chunk: BatchChunk, there: set[str]) -> bool:
    return any(name.startswith(f"{chunk.part}.") for name in there)


__all__ = ["reopen"]
