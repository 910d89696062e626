"""The rounds of the pipeline: each is a training run that says what set it off, and reports what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from file_uploads import training_runs
from file_uploads.retraining.sources import source_of
from ml_services.models import ModelVersion, RunState, TrainingRun
from platform_core.tenancy import current_company
from users import audit

if TYPE_CHECKING:
    from file_uploads.retraining.triggers import Trigger

BUDGET_S = 60.0
SEED = 42
OPTIONS = ("exclude", "allow_leaky", "budget_s", "seed")
"""Of the training that made what serves: what somebody decided there holds on."""


def last_round(predictor: str) -> TrainingRun | None:
    """The newest round of a predictor of the company in force, whatever came of it; a cancelled one never was."""
    rounds = TrainingRun.objects.filter(predictor=predictor, asked__has_key="trigger")
    found: TrainingRun | None = rounds.exclude(state=RunState.CANCELLED).order_by("-created_at", "-pk").first()
    return found


def at_work(predictor: str) -> bool:
    """Whether a round of a predictor of the company in force has come to no end yet."""
    rounds = TrainingRun.objects.filter(predictor=predictor, asked__has_key="trigger", state__in=training_runs.OPEN)
    return bool(rounds.exists())


@transaction.atomic
def open_round(
    *, predictor: str, trigger: Trigger, as_of: datetime, source: str = "", queued: bool = True
) -> TrainingRun:
    """A round of the company in force, in the queue unless whoever calls carries it out. `as_of`: nothing later is
    looked at, so that the same round again learns the same."""
    asked: dict[str, Any] = {
        "folder": training_runs.new_folder(),
        "trigger": trigger.as_json(),
        "source": source or source_of(predictor),
        "as_of": as_of.isoformat(),
        "horizon_days": None,
        "options": _options(predictor),
        "asker": None,
    }
    report = {name: asked[name] for name in ("trigger", "source", "as_of")} | {"stages": []}
    run: TrainingRun = TrainingRun.objects.create(
        company_id=current_company(), predictor=predictor, asked=asked, report=report
    )
    told = {"predictor": predictor, "trigger": trigger.name}
    audit.record(audit.Event.TRAINING_STARTED, subject=training_runs.mark(run), detail=told)
    if queued:
        training_runs.defer(run)
    return run


def _options(predictor: str) -> dict[str, Any]:
    kept: dict[str, Any] = {"budget_s": BUDGET_S, "seed": SEED, "exclude": [], "allow_leaky": []}
    made = TrainingRun.objects.filter(predictor=predictor, version__serving=True).order_by("-created_at").first()
    given = made.asked.get("options", {}) if made is not None else {}
    return kept | {name: given[name] for name in OPTIONS if given.get(name) is not None}


def note(run: TrainingRun, **facts: Any) -> None:
    """Writes facts into the round's report, while this attempt is the one at work."""
    run.report = {**run.report, **facts}
    training_runs.note(run, report=run.report)


def note_stage(run: TrainingRun, stage: str) -> None:
    """A stage began, and when."""
    stages = run.report.get("stages", [])
    if not stages or stages[-1]["stage"] != stage:
        run.report = {**run.report, "stages": [*stages, {"stage": stage, "at": timezone.now().isoformat()}]}


def inputs_of(run: TrainingRun, sha256: str, rows: int, columns: int) -> dict[str, Any]:
    """What a round learns from, by which it can be told from another: the data's digest, and what serves, which the new
    version is compared with."""
    champion = ModelVersion.objects.filter(predictor=run.predictor, serving=True).exclude(company_id=None).first()
    return {"sha256": sha256, "rows": rows, "columns": columns, "champion": champion.version if champion else None}


def nothing_new(run: TrainingRun, sha256: str) -> TrainingRun | None:
    """The round before that learned from the very same data with the same options, where it came to an end: the model
    would be the same."""
    before = TrainingRun.objects.filter(
        predictor=run.predictor, state=RunState.DONE, report__inputs__sha256=sha256, version__isnull=False
    )
    same = [one for one in before.exclude(pk=run.pk).order_by("-created_at") if _alike(one, run)]
    return same[0] if same else None


def _alike(one: TrainingRun, other: TrainingRun) -> bool:
    return all(one.asked["options"].get(name) == other.asked["options"].get(name) for name in OPTIONS)


__all__ = ["at_work", "inputs_of", "last_round", "note", "note_stage", "nothing_new", "open_round"]
