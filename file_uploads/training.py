"""Training from a file that came in by HTTP: kept, handed to a process of its own, watched through its run.

The web process never fits a model: fitting after a fork can hang, and would hold up answers. The child is the same
command that a person would type.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from ml_services.models import RunState, TrainingRun
from platform_core import env, logs
from platform_core.tenancy import company_in_force, installation_wide
from users import asking, audit

LEFT_BEHIND = "The process that trained this ended before it was done. Start the training again."


def folder() -> Path:
    """Where files wait while they are learned from."""
    path = env.make_home() / "training"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def start(*, company_id: int, predictor: str, file: UploadedFile[Any], options: dict[str, Any]) -> TrainingRun:
    """Keeps the file, opens a run, starts the training process."""
    with company_in_force(company_id), transaction.atomic():
        run: TrainingRun = TrainingRun.objects.create(company_id=company_id, predictor=predictor)
        told = {"predictor": predictor, "bytes": file.size}
        audit.record(audit.Event.TRAINING_STARTED, subject=mark(run), detail=told)
    place = folder() / str(run.pk)
    place.mkdir(mode=0o700)
    name = Path(file.name or "upload").name[:200] or "upload"
    path = place / f"data{''.join(Path(name).suffixes[-2:])[:20]}"
    with path.open("wb") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
    asker = asking.now_asking.get()
    by = {"asker": asdict(asker) if asker else None, "request_id": logs.request_id.get()}
    asked = {"path": str(path), "name": name, "options": options, **by}
    (place / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
    # A process started before the run is committed would not find it.
    transaction.on_commit(lambda: _spawn(run.pk, place))
    return run


def _spawn(run: int, place: Path) -> None:
    with (place / "log").open("wb") as log:
        subprocess.Popen(  # noqa: S603 - our own command, no text of the request on its line
            [sys.executable, str(env.CHECKOUT / "manage.py"), "train_models", "--run", str(run)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=env.CHECKOUT,
        )


def asked(run: TrainingRun) -> dict[str, Any]:
    """What the run was asked: path, name and options."""
    found: dict[str, Any] = json.loads((folder() / str(run.pk) / "asked.json").read_text(encoding="utf-8"))
    return found


@contextmanager
def in_name_of(asked: dict[str, Any]) -> Iterator[None]:
    """Lets the training process act in the name of whoever asked for the run, so that the audit names them."""
    who = asking.now_asking.set(asking.Asker(**asked["asker"]) if asked.get("asker") else None)
    request = logs.request_id.set(asked.get("request_id", ""))
    try:
        yield
    finally:
        logs.request_id.reset(request)
        asking.now_asking.reset(who)


def mark(run: TrainingRun) -> str:
    """How the audit names a run."""
    return f"training:{run.pk}"


def fail(run: TrainingRun, problem: str) -> None:
    """Ends a run without a version."""
    with company_in_force(run.company_id), transaction.atomic():
        run.state, run.error, run.ended_at = RunState.FAILED, problem, timezone.now()
        run.save(update_fields=["state", "error", "ended_at"])
        audit.record(audit.Event.TRAINING_FAILED, subject=mark(run), detail={"predictor": run.predictor})


def fail_abandoned() -> int:
    """Closes the runs whose process is gone, at a start of the product, and removes their files, which hold
    somebody's data. Returns how many."""
    with installation_wide():  # the start of the product is nobody's in particular
        left = list(TrainingRun.across_companies.filter(state__in=[RunState.QUEUED, RunState.RUNNING]))
    for run in left:
        fail(run, LEFT_BEHIND)
    for place in folder().iterdir():
        shutil.rmtree(place, ignore_errors=True)
    return len(left)


__all__ = ["asked", "fail", "fail_abandoned", "folder", "in_name_of", "mark", "start"]
