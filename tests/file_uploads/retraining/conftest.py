"""A company with records, trainings that take a moment, and the queue that a test empties itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from file_uploads.retraining import rounds
from file_uploads.retraining.triggers import Trigger
from ml_services.models import TrainingRun
from platform_core import jobs
from platform_core.management.training import carry_out_here
from platform_core.tenancy import company_in_force
from tests.ml_services.champions.versions import few_settings
from tests.ml_services.datasets.shop import TODAY, filled
from tests.platform_core.records.rows import on
from users.models import Company

AS_OF = on(TODAY)
Rounds = Callable[..., TrainingRun]
Queued = list[dict[str, Any]]


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> Queued:
    """What is put into the queue of trainings."""
    waiting: Queued = []

    def defer(task: str, **arguments: Any) -> None:
        waiting.append({"task": task, **arguments})

    monkeypatch.setattr(jobs, "defer", defer)
    return waiting


@pytest.fixture
def a_round(alice: Company, own_store: Any, queued: Queued, monkeypatch: pytest.MonkeyPatch) -> Rounds:
    """Carries a round of Alice's churn out; `days` after the day on which her records end."""
    few_settings(monkeypatch)
    monkeypatch.setattr(rounds, "BUDGET_S", 2.0)
    filled(alice)

    def carry(name: str = "schedule", *, days: float = 0.0, source: str = "records", **more: Any) -> TrainingRun:
        with company_in_force(alice.pk):
            run = rounds.open_round(
                predictor=more.get("predictor", "churn"), trigger=Trigger(name, "a test"),  # type: ignore[arg-type]
                as_of=AS_OF + timedelta(days=days), source=source, queued=False,
            )  # fmt: skip
            return carry_out_here(run)

    return carry
