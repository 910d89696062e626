"""Training from a file that came in by HTTP: kept, handed to a process of its own, watched through its run.

The web process never fits a model: fitting after a fork can hang, and would hold up answers. The child is the same
command that a person would type.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from ml_services.models import RunState, TrainingRun
from platform_core import env
from platform_core.tenancy import company_in_force, installation_wide

LEFT_BEHIND = "The process that trained this ended before it was done. Start the training again."


def folder() -> Path:
    """Where files wait while they are learned from."""
    path = env.make_home() / "training"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def start(*, company_id: int, predictor: str, file: UploadedFile[Any], options: dict[str, Any]) -> TrainingRun:
    """Keeps the file, opens a run, starts the training process."""
    with company_in_force(company_id):
        run: TrainingRun = TrainingRun.objects.create(company_id=company_id, predictor=predictor)
    place = folder() / str(run.pk)
    place.mkdir(mode=0o700)
    name = Path(file.name or "upload").name[:200] or "upload"
    path = place / f"data{''.join(Path(name).suffixes[-2:])[:20]}"
    with path.open("wb") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
    asked = {"path": str(path), "name": name, "options": options}
    (place / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
    with (place / "log").open("wb") as log:
        subprocess.Popen(  # noqa: S603 - our own command, no text of the request on its line
            [sys.executable, str(env.CHECKOUT / "manage.py"), "train_models", "--run", str(run.pk)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=env.CHECKOUT,
        )
    return run


def asked(run: TrainingRun) -> dict[str, Any]:
    """What the run was asked: path, name and options."""
    found: dict[str, Any] = json.loads((folder() / str(run.pk) / "asked.json").read_text(encoding="utf-8"))
    return found


def fail_abandoned() -> int:
    """Closes the runs whose process is gone, at a start of the product. Returns how many."""
    with installation_wide():  # the start of the product is nobody's in particular
        open_runs = TrainingRun.across_companies.filter(state__in=[RunState.QUEUED, RunState.RUNNING])
        return int(open_runs.update(state=RunState.FAILED, error=LEFT_BEHIND, ended_at=timezone.now()))


__all__ = ["asked", "fail_abandoned", "folder", "start"]
