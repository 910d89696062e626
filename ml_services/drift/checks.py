"""The verdicts of every day, kept; and whether one is news."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from ml_services.models import DriftCheck, ModelVersion
from platform_core.tenancy import current_company, installation_wide

KEPT_DAYS = 400
"""A year and what one compares it with."""
FRESH_FOR = timedelta(hours=36)
"""A kept verdict answers in place of a new one so long: it is made every day."""
UNDECIDED = "unknown"


def due() -> list[tuple[int, str]]:
    """(company, predictor) of every version of a company's own that serves."""
    with installation_wide():  # whichever company's they are
        rows = ModelVersion.across_companies.filter(serving=True).exclude(company_id=None)
        return sorted(rows.values_list("company_id", "predictor"))


@transaction.atomic
def keep(told: dict[str, Any]) -> tuple[DriftCheck, bool]:
    """Keeps a verdict for the company in force; says whether it is the first to be drift since this version was last
    found to have none. A check that could not decide changes nothing."""
    company, names = current_company(), {"predictor": told["predictor"], "version": told["version"] or ""}
    # One at a time, so that two that find the same drift do not both take it for news.
    list(ModelVersion.objects.select_for_update(of=("self",)).filter(company_id=company, **names).order_by("pk"))
    before = DriftCheck.objects.filter(**names).exclude(verdict=UNDECIDED).first()
    row = DriftCheck.objects.create(
        company_id=company,
        **names,
        verdict=told["verdict"],
        evidence=told,
        window_from=datetime.fromisoformat(told["window"]["from"]),
        window_until=datetime.fromisoformat(told["window"]["until"]),
    )
    DriftCheck.objects.filter(created_at__lt=timezone.now() - timedelta(days=KEPT_DAYS)).delete()
    return row, told["verdict"] == "drift" and (before is None or before.verdict != "drift")


def latest(predictor: str, version: str | None) -> DriftCheck | None:
    """The kept verdict on this version, while it is young enough to answer."""
    rows = DriftCheck.objects.filter(predictor=predictor, version=version or "")
    found: DriftCheck | None = rows.filter(created_at__gte=timezone.now() - FRESH_FOR).first()
    return found


__all__ = ["due", "keep", "latest"]
