"""What a training command needs around the training itself: the file, the company's settings, a run's row."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from file_uploads import training
from file_uploads.reading import open_table
from ml_services import registry, services
from ml_services.base import Progress, TrainingData, TrainingOptions
from ml_services.models import RunState, TrainingRun
from platform_core.errors import InputInvalid, NotFound, PlatformError
from platform_core.tenancy import company_in_force, installation_wide


def carry_out(run_id: int) -> None:
    """Trains what a run of the API asked for, and writes how it goes into the run's row. Raises NotFound."""
    with installation_wide():  # whose run this is, is what we ask
        run = TrainingRun.across_companies.select_related("company").filter(pk=run_id).first()
    if run is None or run.state != RunState.QUEUED:
        raise NotFound(f"There is no queued run {run_id}.")
    with company_in_force(run.company_id):
        _carry_out(run)


def _carry_out(run: TrainingRun) -> None:
    begun = time.perf_counter()
    save(run, state=RunState.RUNNING, stage="reading")
    try:
        asked = training.asked(run)
        own = company_settings(run.company)
        options = asked["options"]
        options["seed"] = int(options["seed"])
        for name in ("exclude", "allow_leaky"):
            options[name] = tuple(options[name])
        with training.in_name_of(asked):
            row, _ = services.train_version(
                predictor=registry.predictor(run.predictor),
                company_id=run.company_id,
                data=read(Path(asked["path"]), asked["name"]),
                options=TrainingOptions(**options, settings=own, begun=begun),
                progress=stages(run),
            )
        save(run, state=RunState.DONE, progress=1.0, stage="done", version=row, ended_at=timezone.now())
    except PlatformError as problem:
        training.fail(run, problem.detail)
    except BaseException:
        training.fail(run, "Something went wrong on our side.")
        raise
    finally:
        shutil.rmtree(training.folder() / str(run.pk), ignore_errors=True)


def company_settings(company: Any) -> dict[str, Any]:
    """What a company says of itself that a training needs."""
    return {"packages": company.packages, "currency": company.currency}


def read(path: Path, name: str) -> TrainingData:
    """A whole file as training data."""
    if not path.is_file():
        raise InputInvalid(f"There is no file {path}.")
    source = open_table(path, declared_name=name, max_bytes=settings.MAX_UPLOAD_BYTES)
    return TrainingData(source.read(), name, source.sha256, tuple(source.notes))


def save(run: TrainingRun, **values: Any) -> None:
    """Changes a run's row at once, so that whoever watches sees it."""
    for name, value in values.items():
        setattr(run, name, value)
    run.save(update_fields=list(values))


def stages(run: TrainingRun) -> Progress:
    """Progress into the run's row, a write per stage or per five hundredths."""

    def note(stage: str, fraction: float, detail: str = "") -> None:
        share = min(max(fraction, 0.0), 1.0)
        if stage != run.stage or share - run.progress >= 0.05:
            save(run, stage=stage[:60], progress=max(share, run.progress))

    return note
