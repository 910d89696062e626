"""Files laid out for reading: how far one is, how long it may take, what it gave."""

from __future__ import annotations

from typing import Any

from file_uploads import selectors
from file_uploads.batch import intake
from file_uploads.models import OPEN, BatchJob, JobState
from ml_services import registry
from request_logs import usage

WORDS = {
    JobState.QUEUED: "waiting",
    JobState.RUNNING: "running",
    JobState.DONE: "done",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
}
BADGES = {
    JobState.RUNNING: "standard",
    JobState.DONE: "full",
    JobState.FAILED: "none",
    JobState.CANCELLED: "provisional",
}
MINUTE_S, HOUR_S = 60, 3600


def line(job: BatchJob) -> dict[str, Any]:
    """A file in the list."""
    predictor = registry.all_predictors().get(job.predictor)
    return {
        "row": job,
        "title": predictor.title if predictor else job.predictor,
        "known": predictor is not None,
        "status": WORDS[JobState(job.status)],
        "badge": BADGES.get(JobState(job.status), ""),
    }


def whole(job: BatchJob) -> dict[str, Any]:
    """A file on its own page."""
    facts = selectors.facts(job)
    speed, left = facts["rows_per_second"], job.rows_total - job.rows_done - job.rows_rejected
    running = job.status in OPEN
    return line(job) | {
        "running": running,
        "asker": asker(job.asker),
        "counted": bool(job.rows_total),
        "progress": facts["progress"],
        "speed": speed,
        "left": spoken_time(left / speed) if running and speed and left > 0 else "",
        "took": spoken_time((job.ended_at - job.started_at).total_seconds()) if job.ended_at and job.started_at else "",
        "notes": [note for note in job.notes if note not in intake.renamed(job.mapping)],
        "shared": job.model.get("company") is None,
        "files": selectors.has_files(job),
    }


def asker(mark: str) -> str:
    """Who sent it, by name: of a mark as `key:7`."""
    kind, _, number = mark.partition(":")
    who = (kind, int(number)) if number.isdecimal() else None
    return usage.labels([who]).get(who, mark.replace(":", " ")) if who else mark


def spoken_time(seconds: float) -> str:
    """A span of time as people say it."""
    if seconds < 1:
        return "less than a second"
    if seconds < 2 * MINUTE_S:
        return f"{seconds:.0f} s"
    if seconds < 2 * HOUR_S:
        return f"{seconds / MINUTE_S:.0f} minutes"
    return f"{seconds / HOUR_S:.1f} hours"


__all__ = ["line", "spoken_time", "whole"]
