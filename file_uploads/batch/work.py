"""What the queue is given to do for a job. A task's arguments are numbers and texts: the rows hold the rest."""

from __future__ import annotations

from typing import Any

from file_uploads.models import BatchJob
from platform_core import jobs

SMALL_BYTES = 1 << 20
"""A file below this goes before larger ones: it is done in a moment, and somebody waits for it."""
LOST_WAIT_S = 20.0
"""Before a file that is not there is looked for again: a network mount may be late."""
SMALL, USUAL = 10, 0
"""Priorities; the queue takes the higher first."""


def defer_split(job: BatchJob) -> None:
    """Cut the file."""
    _defer("split_file", job)


def defer_again(task: str, job: BatchJob, *, lost: int) -> None:
    """A step whose file was not there, `lost` times by now; later, since it may come back."""
    _defer(task, job, wait_s=LOST_WAIT_S, lost=lost)


def defer_chunk(job: BatchJob, number: int, *, wait_s: float = 0.0) -> None:
    """Answer a chunk, not before `wait_s` seconds."""
    _defer("answer_chunk", job, wait_s=wait_s, number=number)


def defer_join(job: BatchJob) -> None:
    """Put the results together."""
    _defer("join_results", job)


def is_small(job: BatchJob) -> bool:
    """Whether the file stands behind no large one: each worker keeps a place for such."""
    return job.bytes < SMALL_BYTES


def _defer(task: str, job: BatchJob, *, wait_s: float = 0.0, **arguments: Any) -> None:
    small = is_small(job)
    jobs.defer(
        f"file_uploads.{task}",
        queue=jobs.QUICK if small else jobs.BATCH,
        priority=SMALL if small else USUAL,
        wait_s=wait_s,
        company_id=job.company_id,
        job_id=str(job.pk),
        **arguments,
    )


__all__ = ["LOST_WAIT_S", "defer_again", "defer_chunk", "defer_join", "defer_split", "is_small"]
