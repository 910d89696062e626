"""Training from a file that came in by HTTP, or from the company's records: handed to the queue, watched through its
run.

The web process never fits a model: fitting after a fork can hang, and would hold up answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from file_uploads import training_runs
from file_uploads.batch import store
from ml_services import datasets, selectors
from ml_services.models import RunState, TrainingRun
from platform_core import logs
from platform_core.errors import Conflict
from platform_core.tenancy import company_in_force
from users import asking, audit


def start(*, company_id: int, predictor: str, file: UploadedFile[Any], options: dict[str, Any]) -> TrainingRun:
    """Keeps the file, and opens a run with its task in the queue."""
    name = Path(file.name or "upload").name[:200] or "upload"
    folder = training_runs.new_folder()
    place = store.key(company_id, folder, f"data{''.join(Path(name).suffixes[-2:])[:20]}")
    asked = {"folder": folder, "place": place, "name": name, "options": options, **_asker()}
    with store.writing(place) as path, path.open("wb") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
    try:
        return _open(company_id, predictor, asked, {"bytes": file.size})
    except BaseException:
        store.remove_all(company_id, folder)
        raise


def start_from_records(
    *, company_id: int, predictor: str, options: dict[str, Any], horizon_days: int | None, as_of: datetime
) -> TrainingRun:
    """Opens a run that reads the records as of a day when it begins. Raises InputInvalid where the predictor learns
    from no records."""
    with company_in_force(company_id):
        horizon = datasets.horizon_of(predictor, horizon_days)
    frame = {"source": datasets.SOURCE, "as_of": as_of.isoformat(), "horizon_days": horizon}
    asked = {"folder": training_runs.new_folder(), **frame, "options": options, **_asker()}
    return _open(company_id, predictor, asked, frame)


def _asker() -> dict[str, Any]:
    asker = asking.now_asking.get()
    return {"asker": [asker.kind, asker.id] if asker else None, "request_id": logs.request_id.get()}


def _open(company_id: int, predictor: str, asked: dict[str, Any], told: dict[str, Any]) -> TrainingRun:
    with company_in_force(company_id), transaction.atomic():
        run: TrainingRun = TrainingRun.objects.create(company_id=company_id, predictor=predictor, asked=asked)
        detail = {"predictor": predictor, **told}
        audit.record(audit.Event.TRAINING_STARTED, subject=training_runs.mark(run), detail=detail)
        training_runs.defer(run)
    return run


def cancel(*, predictor: str, run_id: int) -> TrainingRun:
    """Stops a training; its process is ended within seconds. Raises NotFound, and Conflict where it has ended."""
    found = selectors.run(predictor, run_id)
    if not training_runs.end(run_id=found.pk, state=RunState.CANCELLED):
        raise Conflict("This training has ended.")
    found.refresh_from_db()
    return found


@contextmanager
def in_name_of(run: TrainingRun) -> Iterator[None]:
    """Lets the training process act in the name of whoever asked for the run, so that the audit names them."""
    given = run.asked.get("asker")
    asker = asking.Asker(given[0], given[1], f"{given[0]} {given[1]}", run.company_id) if given else None
    who, request = asking.now_asking.set(asker), logs.request_id.set(run.asked.get("request_id", ""))
    try:
        yield
    finally:
        logs.request_id.reset(request)
        asking.now_asking.reset(who)


__all__ = ["cancel", "in_name_of", "start", "start_from_records"]
