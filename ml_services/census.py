"""What the whole installation has, in numbers that name no company: for its operator."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from ml_services.models import ModelVersion, RunState, TrainingRun
from platform_core.tenancy import installation_wide

MOST_VERSIONS = 1_000
"""A scraper keeps a series for each for ever."""


def versions_that_serve() -> list[tuple[str, str, str, bool]]:
    """Predictor, version, evidence, and whether all share it; the newest first."""
    with installation_wide():  # the operator's numbers are of all companies
        rows = ModelVersion.across_companies.filter(serving=True).order_by("-created_at")[:MOST_VERSIONS]
        found = list(rows.values_list("predictor", "version", "evidence", "company_id"))
    return [(predictor, version, evidence, company is None) for predictor, version, evidence, company in found]


def runs_by_state() -> dict[str, int]:
    """How many training runs are in each state, those without any included."""
    with installation_wide():
        rows: Any = TrainingRun.across_companies.order_by().values_list("state").annotate(count=Count("pk"))
        return dict.fromkeys(RunState.values, 0) | dict(rows)


__all__ = ["runs_by_state", "versions_that_serve"]
