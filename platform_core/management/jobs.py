"""What `manage.py jobs` tells of and does to the work of the queue: files, trainings, messages of all companies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from connectors import deliveries
from connectors.models import Delivery
from file_uploads import training, training_runs
from file_uploads.batch import intake, reopening
from file_uploads.models import BatchChunk, BatchJob, ChunkState
from ml_services.models import TrainingRun
from platform_core import jobs
from platform_core.errors import Conflict, NotFound
from platform_core.queue_worker import LANES
from platform_core.tenancy import company_in_force, installation_wide

FILE, TRAINING, MESSAGE = "file", "training", "message"
MODELS: dict[str, tuple[Any, str]] = {
    FILE: (BatchJob, "status"),
    TRAINING: (TrainingRun, "state"),
    MESSAGE: (Delivery, "state"),
}
"""The model of each kind, and the field that says where a row is."""
STATES = ("queued", "running", "pending", "done", "delivered", "failed", "cancelled")
NO_FILE = "The file of a training is removed at its end. Send it again: POST /api/models/{}/train/."
QUEUE = """
    SELECT count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'doing'),
        count(*) FILTER (WHERE status = 'failed'), (SELECT extract(epoch FROM now() - min(event.at))
            FROM procrastinate_jobs job JOIN procrastinate_events event ON event.job_id = job.id
            WHERE job.status = 'todo' AND event.type = 'deferred' AND coalesce(job.scheduled_at, now()) <= now())
    FROM procrastinate_jobs
"""
ALIVE = """
    SELECT ceil(count(*) / %s::float)::int FROM procrastinate_workers
    WHERE last_heartbeat > now() - make_interval(secs => %s)
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A job of any kind, as it is listed."""

    kind: str
    row: Any

    @property
    def status(self) -> str:
        """Where it is."""
        return str(getattr(self.row, MODELS[self.kind][1]))

    @property
    def about(self) -> str:
        """What it is about, and how far."""
        row = self.row
        if self.kind == FILE:
            return f"{row.predictor}, {row.rows_done + row.rows_rejected:,} of {row.rows_total:,} rows"
        if self.kind == TRAINING:
            return f"{row.predictor}, {row.stage or 'waiting'} {row.progress:.0%}"
        return f"{row.event}, {row.attempts} tries"

    @property
    def error(self) -> str:
        """What was wrong."""
        return str(self.row.last_error if self.kind == MESSAGE else self.row.error)


def listed(company_id: int | None, status: str, most: int) -> list[Line]:
    """The newest jobs of all kinds, or of one company or state, newest first."""
    found = []
    with installation_wide():  # the operator's view
        for kind, (model, field) in MODELS.items():
            rows = model.across_companies.select_related("company").order_by("-created_at")
            rows = rows.filter(company_id=company_id) if company_id is not None else rows
            rows = rows.filter(**{field: status}) if status else rows
            found += [Line(kind, row) for row in rows[:most]]
    return sorted(found, key=lambda line: line.row.created_at, reverse=True)[:most]


def one(mark: str, company_id: int | None = None) -> Line:
    """The job of an id: a number is a training's. Raises NotFound."""
    kinds = (TRAINING,) if mark.isdecimal() else (FILE, MESSAGE)
    with installation_wide():
        for kind in kinds:
            rows = MODELS[kind][0].across_companies.select_related("company")
            rows = rows.filter(company_id=company_id) if company_id is not None else rows
            row = rows.filter(pk=_key(mark)).first()
            if row is not None:
                return Line(kind, row)
    raise NotFound(f"There is no job {mark!r}. `jobs list` names them.")


def _key(mark: str) -> int | UUID | None:
    try:
        return int(mark) if mark.isdecimal() else UUID(mark)
    except ValueError:
        return None


def parts(line: Line) -> list[str]:
    """How many chunks of a file are where, and those that were set aside or failed."""
    if line.kind != FILE:
        return []
    with company_in_force(line.row.company_id):
        chunks = list(BatchChunk.objects.filter(job=line.row))
    counts = [f"{sum(chunk.state == state for chunk in chunks)} {state}" for state in ChunkState.values]
    bad = [chunk for chunk in chunks if chunk.failures or chunk.error]
    told = [f"chunk {c.number}: {c.state}, attempt {c.attempt}, {c.failures} failures: {c.error}" for c in bad]
    return [f"chunks: {', '.join(counts)}", *told]


def queue() -> str:
    """How the queue and its workers are."""
    with connection.cursor() as cursor:
        cursor.execute(QUEUE)
        todo, doing, failed, oldest_s = cursor.fetchone()
        cursor.execute(ALIVE, [LANES, jobs.DEAD_AFTER_S])
        (alive,) = cursor.fetchone()
    waits = f", the oldest for {float(oldest_s):,.0f} s" if oldest_s is not None else ""
    return f"queue: {todo} waiting{waits}; {doing} at work; {failed} failed. Workers alive: {alive}."


def retry(line: Line) -> None:
    """Puts what failed back into the queue. Raises Conflict where that is not possible."""
    tried: dict[str, Callable[[Any], Any]] = {
        FILE: lambda row: reopening.reopen(job_id=row.pk),
        MESSAGE: lambda row: deliveries.replay(delivery_id=row.pk),
    }
    if line.kind == TRAINING:
        if line.row.state in training_runs.OPEN:
            raise Conflict("This training has not ended.")
        raise Conflict(NO_FILE.format(line.row.predictor))
    with company_in_force(line.row.company_id):
        tried[line.kind](line.row)


def cancel(line: Line) -> None:
    """Stops a file or a training. Raises Conflict where it has ended."""
    if line.kind == MESSAGE:
        raise Conflict("A message cannot be cancelled; it is given up by itself after a day.")
    with company_in_force(line.row.company_id):
        if line.kind == FILE:
            intake.cancel(job_id=line.row.pk)
        else:
            training.cancel(predictor=line.row.predictor, run_id=line.row.pk)


__all__ = ["STATES", "Line", "cancel", "listed", "one", "parts", "queue", "retry"]
