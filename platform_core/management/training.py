"""What a training command needs around the training itself: the file, the company's settings, a run's row."""

from __future__ import annotations

import logging
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, transaction

from file_uploads import training, training_runs
from file_uploads.at_hand import at_hand
from file_uploads.batch import store
from file_uploads.reading import open_table
from file_uploads.retraining.learning import learn
from file_uploads.retraining.rounds import note_stage
from file_uploads.retraining.sources import RECORDS, data_of
from file_uploads.training_work import PASSING_EXIT
from ml_services import registry, services
from ml_services.base import Progress, TrainingData, TrainingOptions
from ml_services.models import ModelVersion, RunState, TrainingRun
from platform_core import child_life, env
from platform_core.errors import Conflict, InputInvalid, NotFound, PlatformError
from platform_core.tenancy import company_in_force, installation_wide

STORE_WAIT_S = 30.0
"""Before a training is begun again whose file or model could not be read or written."""
log = logging.getLogger(__name__)


def carry_out(run_id: int) -> None:
    """Trains what a run of the API asked for, and writes how it goes into the run's row. Raises NotFound."""
    with installation_wide():  # whose run this is, is what we ask
        run = TrainingRun.across_companies.select_related("company").filter(pk=run_id).first()
    if run is None or run.state != RunState.RUNNING:
        raise NotFound(f"There is no run {run_id} that a worker has begun.")
    with company_in_force(run.company_id), training.in_name_of(run):
        try:
            _carry_out(run)
        except (OperationalError, InterfaceError):
            log.exception("the database was gone at the end of a training")
            sys.exit(PASSING_EXIT)


def carry_out_here(run: TrainingRun) -> TrainingRun:
    """Trains in this process what no worker was given, in the company in force. Returns the run as it ended."""
    with at_hand(run):
        begun = training_runs.begin(run_id=run.pk)
        if begun is not None:
            carry_out(begun.pk)
    ended: TrainingRun = TrainingRun.objects.select_related("version").get(pk=run.pk)
    return ended


def _carry_out(run: TrainingRun) -> None:
    try:
        row, said = _trained(run)
        asked = run.asked["options"].get("promote")
        serves = row is not None and services.will_serve(row, asked)
        if row is not None:
            said = f"Version {row.version} serves now" if serves else verdict(row, asked)
        with transaction.atomic():
            done = training_runs.end(
                run_id=run.pk, state=RunState.DONE, attempt=run.attempt, version=row, said=said
            )  # fmt: skip
            if done and serves and row is not None:
                services.let_serve(row, by_evidence=asked is None)
    except PlatformError as problem:
        _fail(run, problem.detail)
    except MemoryError:
        _fail(run, "There was not enough memory to learn from this. Try fewer rows, or fewer columns.")
    except FileNotFoundError:
        _fail(run, "The file of this training is gone. Start the training again.")
    except OSError:
        log.exception("a training could not read or write")
        training_runs.hand_back(run=run, wait_s=STORE_WAIT_S)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("a training failed")
        _fail(run, "Something went wrong on our side.")


def _trained(run: TrainingRun) -> tuple[ModelVersion | None, str]:
    """The version, None where a round of the pipeline found nothing new; and what is to be said."""
    begun = time.perf_counter()
    progress = stages(run)
    progress("reading", 0.0, "")
    if not run.asked:
        raise FileNotFoundError
    if "trigger" in run.asked:
        return learn(run, company_settings(run.company), progress)
    options = {name: value for name, value in run.asked["options"].items() if name != "promote"}
    options["seed"] = int(options["seed"])
    for name in ("exclude", "allow_leaky"):
        options[name] = tuple(options[name])
    own = company_settings(run.company)
    if run.asked.get("source") == RECORDS:
        asked = run.asked
        moment = datetime.fromisoformat(asked["as_of"])
        data, more, settings_of_it = data_of(RECORDS, run.predictor, as_of=moment, horizon_days=asked["horizon_days"])
        options, own = {**options, **more}, {**own, **settings_of_it}
    else:
        with store.reading(run.asked["place"]) as path:
            if not path.is_file():
                raise FileNotFoundError
            data = read(path, run.asked["name"])
    row, _ = services.train_version(
        predictor=registry.predictor(run.predictor),
        company_id=run.company_id,
        data=data,
        options=TrainingOptions(**options, settings=own, begun=begun),
        promote_it=False,  # that is done in one step with the run's end
        progress=progress,
    )
    return row, ""


def verdict(row: ModelVersion, asked: bool | None) -> str:
    """Why a version just trained serves or does not, and how to let it serve by hand."""
    reason = (row.comparison or {}).get("reason", "")
    if row.serving:
        return f"{row.predictor} version {row.version} serves now. {reason}".strip()
    kept = "It does not serve (--no-promote)." if asked is False else "It does not serve."
    path = f"/api/models/{row.predictor}/versions/{row.version}/promote/"
    return f"{row.predictor} version {row.version} is kept. {kept} {reason} To let it serve all the same: POST {path}"


def _fail(run: TrainingRun, problem: str) -> None:
    training_runs.end(run_id=run.pk, state=RunState.FAILED, attempt=run.attempt, error=problem)


def bound_memory() -> None:
    """Lets this process have no more memory than a training may."""
    if os.name == "posix":
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        child_life.bound_memory(env.get("TRAINING_MEMORY_MB") or (whole * 3 // 4) >> 20, for_good=True)


def company_settings(company: Any) -> dict[str, Any]:
    """What a company says of itself that a training needs."""
    return {"packages": company.packages, "currency": company.currency}


def read(path: Path, name: str) -> TrainingData:
    """A whole file as training data."""
    if not path.is_file():
        raise InputInvalid(f"There is no file {path}.")
    source = open_table(path, declared_name=name, max_bytes=settings.MAX_UPLOAD_BYTES)
    return TrainingData(source.read(), name, source.sha256, tuple(source.notes))


def stages(run: TrainingRun) -> Progress:
    """Progress into the run's row, a write per stage or per five hundredths. Raises Conflict where the run is no
    longer wanted; a database that is away for a while does not stop a training."""

    def note(stage: str, fraction: float, detail: str = "") -> None:
        share = min(max(fraction, 0.0), 1.0)
        if stage == run.stage and share - run.progress < 0.05:
            return
        run.stage, run.progress = stage[:60], max(share, run.progress)
        try:
            if run.report:
                note_stage(run, run.stage)
            if not training_runs.note(run, stage=run.stage, progress=run.progress, report=run.report):
                raise Conflict("This training was stopped.")
        except (OperationalError, InterfaceError):
            close_old_connections()

    return note
