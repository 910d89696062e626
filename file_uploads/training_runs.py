"""What happens to training runs: every change of state, in one transaction with the work and the messages that follow
from it. All but `resume` and `clean` are called with the run's company in force."""

from __future__ import annotations

import secrets
import time
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from connectors import deliveries
from file_uploads import at_hand
from file_uploads.batch import store
from ml_services.models import ModelVersion, RunState, TrainingRun
from platform_core import jobs
from platform_core.tenancy import company_in_force, installation_wide
from users import alerts, audit, endings

TASK = "file_uploads.train"
FOLDER = "training-"
"""How the folders of trainings begin, beside those of a company's jobs."""
OPEN = (RunState.QUEUED, RunState.RUNNING)
MOST_ATTEMPTS = 2
"""A training whose worker is lost is begun once more, not for ever: it may be what the worker died of."""
LOST = "This training was begun twice and came to no end. Start it again; a smaller file may be needed."
LEFT_S = 3600
"""A file without a run is left alone so long: its run may be about to be saved."""
IN_QUEUE = "SELECT args->>'run_id' FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND task_name = %s"


def new_folder() -> str:
    """A folder of its own for a training's files."""
    return f"{FOLDER}{secrets.token_hex(8)}"


def mark(run: TrainingRun) -> str:
    """How the audit names a run."""
    return f"training:{run.pk}"


def facts(run: TrainingRun) -> dict[str, Any]:
    """What is told of a run. Nothing of what is in its file."""
    version = run.version.version if run.version else None
    told = {"id": run.pk, "predictor": run.predictor, "status": run.state, "version": version}
    if run.report:
        told |= {name: run.report.get(name) for name in ("trigger", "verdict")}
    return {**told, "error": run.error or None}


def defer(run: TrainingRun, *, wait_s: float = 0.0) -> None:
    """Puts the training into the queue. A company trains one model at a time, so that all companies get their turn."""
    jobs.defer(
        TASK,
        queue=jobs.TRAINING,
        lock=f"training:{run.company_id}",
        wait_s=wait_s,
        company_id=run.company_id,
        run_id=run.pk,
    )


@transaction.atomic
def begin(*, run_id: int) -> TrainingRun | None:
    """A worker takes a run: a new attempt, which fences off an earlier one. None where nothing is to be done."""
    run: TrainingRun | None = TrainingRun.objects.select_for_update().filter(pk=run_id, state__in=OPEN).first()
    if run is None:
        return None
    if run.attempt >= MOST_ATTEMPTS:
        end(run_id=run_id, state=RunState.FAILED, error=LOST)
        return None
    run.attempt, run.state, run.stage, run.progress = run.attempt + 1, RunState.RUNNING, "starting", 0.0
    run.save(update_fields=["attempt", "state", "stage", "progress"])
    return run


def note(run: TrainingRun, **values: Any) -> bool:
    """Says how far this attempt is. False where it is no longer wanted: cancelled, or another has taken its place."""
    return bool(_mine(run).update(**values))


def wanted(run: TrainingRun) -> bool:
    """Whether this attempt is still to go on."""
    return bool(_mine(run).exists())


@transaction.atomic
def hand_back(*, run: TrainingRun, wait_s: float = 0.0, counted: bool = True) -> None:
    """Puts an attempt that came to no end back into the queue. `counted`: it may be the run's own fault."""
    again = F("attempt") if counted else F("attempt") - 1
    if _mine(run).update(state=RunState.QUEUED, stage="", progress=0.0, attempt=again):
        defer(run, wait_s=wait_s)


@transaction.atomic
def end(
    *, run_id: int, state: RunState, attempt: int | None = None, error: str = "", version: ModelVersion | None = None,
    said: str = "",
) -> bool:  # fmt: skip
    """Ends a run for good, and says so, with `said` of how it went. False where it had ended before, or `attempt` is
    no longer the one at work."""
    run = TrainingRun.objects.select_for_update().filter(pk=run_id, state__in=OPEN).first()
    if run is None or (attempt is not None and run.attempt != attempt):
        return False
    run.state, run.error, run.version, run.ended_at = state, error, version, timezone.now()
    if state == RunState.DONE:
        run.stage, run.progress = "done", 1.0
    run.save(update_fields=["state", "error", "version", "ended_at", "stage", "progress"])
    if state == RunState.FAILED:
        audit.record(audit.Event.TRAINING_FAILED, subject=mark(run), detail={"predictor": run.predictor})
    if state == RunState.CANCELLED:
        audit.record(audit.Event.TRAINING_CANCELLED, subject=mark(run), detail={"predictor": run.predictor})
    deliveries.tell(company_id=run.company_id, event=f"training.{state}", data=facts(run))
    _write(run, said)
    if run.asked:
        transaction.on_commit(partial(store.remove_all, run.company_id, run.asked["folder"]))
    return True


def _write(run: TrainingRun, said: str) -> None:
    kind, number = run.asked.get("asker") or ("", "")
    said = run.error or said
    if run.report and run.state != RunState.CANCELLED:
        trigger = run.report["trigger"]["detail"]
        how = "could not learn again" if run.state == RunState.FAILED else "has learned again"
        alerts.tell(
            company_id=run.company_id, what=f"The model of {run.predictor} {how} ({trigger})", said=said,
            path=f"/predictors/{run.predictor}/",
        )  # fmt: skip
        return
    endings.tell(
        company_id=run.company_id, asker=f"{kind}:{number}", what="Your training", name=run.predictor, status=run.state,
        said=said, path="/",
    )  # fmt: skip


def resume() -> int:
    """Puts into the queue the runs that the queue has lost. Returns how many."""
    with installation_wide():  # whichever company's they are
        rows = list(TrainingRun.across_companies.filter(state__in=OPEN))
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(IN_QUEUE, [TASK])
        there = {run for (run,) in cursor.fetchall()}
    lost = [run for run in rows if str(run.pk) not in there and not at_hand.is_at_hand(run)]
    for run in lost:
        with company_in_force(run.company_id):
            defer(run)
    return len(lost)


def clean() -> int:
    """Removes files whose run has ended or never came to be. Returns how many folders."""
    with installation_wide():  # whichever company's they are
        rows = TrainingRun.across_companies.filter(state__in=OPEN)
        open_now = {(row.company_id, row.asked.get("folder")) for row in rows}
    removed, until = 0, time.time() - LEFT_S
    for company in [int(name) for name in store.store().listdir("")[0] if name.isdecimal()]:
        folders = [name for name in store.store().listdir(f"{company}/")[0] if name.startswith(FOLDER)]
        for folder in folders:
            places = [store.key(company, folder, name) for name in store.names(company, folder)]
            fresh = any(store.store().get_modified_time(place).timestamp() > until for place in places)
            if (company, folder) not in open_now and not fresh:
                store.remove_all(company, folder)
                removed += 1
    return removed


def _mine(run: TrainingRun) -> Any:
    return TrainingRun.objects.filter(pk=run.pk, state=RunState.RUNNING, attempt=run.attempt)


__all__ = [
    "FOLDER",
    "OPEN",
    "TASK",
    "begin",
    "clean",
    "defer",
    "end",
    "facts",
    "hand_back",
    "mark",
    "new_folder",
    "note",
    "resume",
    "wanted",
]
