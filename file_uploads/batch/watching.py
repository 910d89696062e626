"""Looks after jobs that nobody works on: what a lost task left behind is put into the queue again."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from file_uploads.batch import joining, work
from file_uploads.models import OPEN, BatchChunk, BatchJob, ChunkState, JobState
from platform_core.tenancy import company_in_force, installation_wide

LATE = timedelta(days=1)
"""So long after a job's end what comes late is looked for."""
IN_QUEUE = """
    SELECT DISTINCT args->>'job_id', task_name, args->>'number' FROM procrastinate_jobs
    WHERE status IN ('todo', 'doing') AND task_name LIKE 'file_uploads.%%'
"""


def resume() -> int:
    """Puts into the queue what an open job needs and the queue has lost. Returns how many tasks."""
    with installation_wide():  # whichever company's jobs they are
        rows = list(BatchJob.across_companies.filter(status__in=OPEN).order_by("created_at"))
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(IN_QUEUE)
        there = {(str(job), str(task), number) for job, task, number in cursor.fetchall()}
    return sum(_resume(job, there) for job in rows)


def tidy() -> None:
    """Removes what came too late to be taken from the folders of jobs that are done: a worker that woke up when its
    task was another's, and its connection gone, had no chance to."""
    with installation_wide():  # whichever company's jobs they are
        rows = list(BatchJob.across_companies.filter(status=JobState.DONE, ended_at__gt=timezone.now() - LATE))
    for job in rows:
        joining.clear(job)


def _resume(job: BatchJob, there: set[tuple[str, str, str | None]]) -> int:
    mark, lost = str(job.pk), 0
    with company_in_force(job.company_id):
        for number in BatchChunk.objects.filter(job=job, state=ChunkState.QUEUED).values_list("number", flat=True):
            if (mark, "file_uploads.answer_chunk", str(number)) not in there:
                work.defer_chunk(job, number)
                lost += 1
        if not lost and not any(found == mark for found, _, _ in there):
            work.defer_split(job)  # which goes on from wherever the job is
            lost += 1
    return lost


__all__ = ["resume", "tidy"]
