"""Every day: the verdict on each version of a company's own that serves, kept, and told once when it turns to drift."""

from __future__ import annotations

import logging
from typing import Any

from django.db import connections, transaction

from connectors import deliveries
from ml_services import drift
from ml_services.drift import checks
from ml_services.models import DriftCheck
from platform_core import jobs
from platform_core.errors import PlatformError
from platform_core.tenancy import company_in_force
from request_logs.models import Prediction
from users import alerts

EVENT = "model.drifted"
LONGEST_S = 600.0
"""Ten times what a million predictions on fifty columns may take."""
MOST_TOLD = 3
log = logging.getLogger(__name__)


def check_all() -> dict[str, int]:
    """Verdicts by how many. One that cannot be made is logged, and stops no other."""
    counts: dict[str, int] = {}
    for company_id, predictor in checks.due():
        with company_in_force(company_id):
            try:
                if Prediction.objects.filter(predictor=predictor).exists():
                    told = jobs.in_child(assess, company_id, predictor, timeout_s=LONGEST_S)
                    row = keep(told)
                    counts[row.verdict] = counts.get(row.verdict, 0) + 1
            except (PlatformError, MemoryError) as problem:
                log.warning("no verdict on drift of %s: %s", predictor, getattr(problem, "detail", "out of memory"))
            except Exception:  # whatever is wrong with one company's rows is not the others' business
                log.exception("no verdict on drift of %s", predictor)
    return counts


def assess(company_id: int, predictor: str) -> dict[str, Any]:
    """The verdict, in a child process: its libraries and its memory are not the worker's."""
    try:
        with company_in_force(company_id):
            return drift.verdict(predictor)
    finally:
        connections.close_all()


@transaction.atomic
def keep(told: dict[str, Any]) -> DriftCheck:
    """Keeps a verdict of the company in force, and tells its webhooks and administrators of one that turned to
    drift, in one transaction: each is told once or the verdict is not kept."""
    row, news = checks.keep(told)
    if news:
        reasons = [reason for reason in told["reasons"] if "moved" in reason.partition(":")[0]][:MOST_TOLD]
        data = {name: told[name] for name in ("predictor", "version", "verdict", "window")} | {"reasons": reasons}
        deliveries.tell(company_id=row.company_id, event=EVENT, data=data)
        alerts.tell(
            company_id=row.company_id, what=f"The model of {row.predictor} has drifted", said=". ".join(reasons),
            path=f"/predictors/{row.predictor}/",
        )  # fmt: skip
    return row


__all__ = ["EVENT", "assess", "check_all", "keep"]
