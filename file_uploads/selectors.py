"""Reads of this room."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from file_uploads.batch import joining, store
from file_uploads.models import BatchJob, JobState
from platform_core.errors import Conflict, NotFound


def uploads(*, status: str = "", predictor: str = "") -> QuerySet[BatchJob]:
    """The company's jobs, newest first."""
    rows: QuerySet[BatchJob] = BatchJob.objects.all()
    if status:
        rows = rows.filter(status=status)
    return rows.filter(predictor=predictor) if predictor else rows


def upload(job_id: UUID) -> BatchJob:
    """One job. Raises NotFound."""
    found: BatchJob | None = BatchJob.objects.filter(pk=job_id).first()
    if found is None:
        raise NotFound("There is no such upload.")
    return found


def facts(job: BatchJob) -> dict[str, Any]:
    """How far a job is, and how fast."""
    ended = job.ended_at or timezone.now()
    seconds = (ended - job.started_at).total_seconds() if job.started_at else 0.0
    rows = job.rows_done + job.rows_rejected
    progress = min(rows / job.rows_total, 1.0) if job.rows_total else float(job.status == JobState.DONE)
    return {"rows_per_second": round(rows / seconds, 1) if seconds > 0 else None, "progress": round(progress, 4)}


def has_files(job: BatchJob) -> bool:
    """Whether what a job made can be fetched: it is done, and its files were not removed since."""
    return job.status == JobState.DONE and bool(store.store().exists(file_of(job, rejects=False)[0]))


def file_of(job: BatchJob, *, rejects: bool) -> tuple[str, str]:
    """Place in the store, and name for the person, of what a job made. Raises Conflict where it is not done."""
    if job.status != JobState.DONE:
        raise Conflict(f"This upload is {job.status}: it has results once it is done.")
    name = store.REJECTS if rejects else joining.result_name(job)
    stem = job.name.rsplit(".", 2 if job.name.endswith(".csv.gz") else 1)[0] or "upload"
    ending = "rejects.csv" if rejects else f"results.{job.result_format}"
    return store.key(job.company_id, job.pk, name), f"{stem}.{ending}"


__all__ = ["facts", "file_of", "has_files", "upload", "uploads"]
