"""Trainings as the API asks for them, and as a worker carries them out, on the test's database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase

from file_uploads import training_runs
from file_uploads.batch import store
from ml_services.models import TrainingRun
from platform_core.management.training import carry_out
from platform_core.tenancy import company_in_force, installation_wide
from tests.conftest import ApiClient
from tests.platform_core.test_commands import customers, write
from users.models import Company

Queue = list[dict[str, Any]]


def begun(company: Company, run: int) -> TrainingRun:
    """What a worker takes."""
    with company_in_force(company.pk):
        taken = training_runs.begin(run_id=run)
    assert taken is not None
    return taken


def trained(company: Company, run: int) -> None:
    """What a worker does with a run, and what follows its end."""
    begun(company, run)
    with TestCase.captureOnCommitCallbacks(execute=True):
        carry_out(run)


def files(company: Company) -> list[str]:
    """The folders that the company has in the store."""
    folder = store.local(f"{company.pk}/")
    assert folder is not None
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def post(api: ApiClient, tmp_path: Path, rows: list[list[Any]] | None = None, **more: str) -> Any:
    content = write(tmp_path / "sent.csv", customers() if rows is None else rows).read_bytes()
    form = {"file": SimpleUploadedFile("sent.csv", content), "target": "left", "budget_s": "3", **more}
    with TestCase.captureOnCommitCallbacks(execute=True):
        return api.post("/api/models/churn/train/", form)


def changed_urls(company: Company) -> None:
    company.webhook_urls = ["https://hooks.example.com/"]
    with installation_wide():
        company.save()
