"""Looks at every scoreboard once a day, and tells of an alert once: to the company's addresses, and by letter to its
owners and administrators, if it wishes. Told again is only what was quiet in between, or another version's."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.utils import timezone

from connectors import deliveries
from file_uploads.models import Watch
from ml_services import registry, scoreboard
from ml_services.models import PredictorSetting
from platform_core import jobs
from platform_core.errors import PlatformError
from platform_core.tenancy import company_in_force, installation_wide
from request_logs.models import Outcome
from users import alerts
from users.models import Company

log = logging.getLogger(__name__)
SUBJECT, EVENT = "outcomes", "model.alert"
TIMEOUT_S = 600
"""For one board; a million predictions take seconds."""


def watch_outcomes() -> int:
    """Looks at the companies that have outcomes. How many alerts were told."""
    with installation_wide():  # which companies there are
        companies = list(Company.objects.order_by("pk").values_list("pk", flat=True))
    return sum(_watch_company(company_id) for company_id in companies)


def _watch_company(company_id: int) -> int:
    with company_in_force(company_id):
        silent = PredictorSetting.objects.filter(silence_means_no=True)
        if not Outcome.objects.exists() and not silent.exists():
            return 0
        told = 0
        for name, predictor in registry.all_predictors().items():
            if predictor.parts:
                continue
            try:
                verdict = jobs.in_child(look, company_id, name, timeout_s=TIMEOUT_S)
            except PlatformError as problem:  # one board that cannot be made leaves the others
                log.warning("the outcomes of %s could not be looked at: %s", name, problem.code)
                continue
            except Exception:  # whatever is wrong with one company's rows is not the others' business
                log.exception("the outcomes of %s could not be looked at", name)
                continue
            told += noted(company_id, name, verdict)
        return told


def look(company_id: int, name: str) -> dict[str, Any]:
    """The verdict on a predictor's outcomes. Runs in a child process."""
    with company_in_force(company_id):
        return scoreboard.alert(scoreboard.board(name))


@transaction.atomic
def noted(company_id: int, name: str, verdict: dict[str, Any]) -> bool:
    """Keeps what was seen; whether it was told. What is unknown changes nothing."""
    status, version = verdict["status"], verdict["version"] or ""
    if status == "unknown":
        return False
    Watch.objects.get_or_create(company_id=company_id, subject=SUBJECT, predictor=name)
    row = Watch.objects.select_for_update().get(subject=SUBJECT, predictor=name)
    news = status == "alert" and not (row.alerted and row.version == version)
    row.version, row.verdict, row.alerted, row.looked_at = version, verdict, status == "alert", timezone.now()
    if news:
        row.told_at = row.looked_at
        _tell(company_id, name, verdict)
    row.save()
    return news


def _tell(company_id: int, name: str, verdict: dict[str, Any]) -> None:
    told = {
        "predictor": name,
        "version": verdict["version"],
        "subject": SUBJECT,
        "reasons": verdict["reasons"],
        "evidence": verdict["evidence"],
    }
    deliveries.tell(company_id=company_id, event=EVENT, data=told)
    title = registry.predictor(name).title
    alerts.tell(
        company_id=company_id, what=f"{title}: what came is not what was said", said=" ".join(verdict["reasons"]),
        path=f"/predictors/{name}/outcomes/",
    )  # fmt: skip


__all__ = ["look", "noted", "watch_outcomes"]
