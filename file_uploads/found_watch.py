"""Every night: what the records tell of earlier predictions is reported as their outcomes, before drift and scoreboards
look at them."""

from __future__ import annotations

import logging
from collections import Counter

from django.db import connections

from ml_services import datasets
from platform_core import jobs
from platform_core.errors import PlatformError
from platform_core.records.models import Customer, Lead
from platform_core.tenancy import company_in_force, installation_wide
from request_logs.models import Prediction
from users.models import Company

LONGEST_S = 1800.0
"""For one company; a hundred thousand predictions take a minute or two, and only new ones are looked at again."""
log = logging.getLogger(__name__)


def find_all() -> dict[str, int]:
    """What was counted, over all companies that have records and predictions (`datasets.found.report_found`), and
    `companies`: how many were looked at. One that fails is logged, and stops no other."""
    with installation_wide():  # which companies there are
        companies = list(Company.objects.order_by("pk").values_list("pk", flat=True))
    counts: Counter[str] = Counter(companies=0)
    for company_id in companies:
        try:
            if _has_both(company_id):
                counts.update(jobs.in_child(find, company_id, timeout_s=LONGEST_S))
                counts["companies"] += 1
        except PlatformError as problem:
            log.warning("no outcomes were found for company %s: %s", company_id, problem.detail)
        except Exception:  # whatever is wrong with one company's rows is not the others' business
            log.exception("no outcomes were found for company %s", company_id)
    return dict(counts)


def find(company_id: int) -> dict[str, int]:
    """One company's, in a child process: the facts of all its records are held in memory."""
    from ml_services.datasets.found import report_found

    try:
        return report_found(company_id)
    finally:
        connections.close_all()


def _has_both(company_id: int) -> bool:
    with company_in_force(company_id):
        if not (Customer.objects.exists() or Lead.objects.exists()):
            return False
        return bool(Prediction.objects.filter(predictor__in=datasets.HORIZONS).exists())


__all__ = ["find", "find_all"]
