"""The loop that looks, again and again, whether a predictor of some company wants to learn again."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from file_uploads.retraining.rounds import open_round
from file_uploads.retraining.triggers import due
from ml_services.models import PredictorSetting
from platform_core.errors import PlatformError
from platform_core.tenancy import company_in_force, installation_wide

log = logging.getLogger(__name__)


def run_due(now: datetime | None = None) -> int:
    """Opens every round that something asks for, each once however many look. Returns how many."""
    moment = now or timezone.now()
    with installation_wide():  # whichever company's they are
        rows = list(PredictorSetting.across_companies.filter(retraining__enabled=True).values_list("pk", "company_id"))
    opened = 0
    for pk, company_id in rows:
        try:
            opened += _look(pk, company_id, moment)
        except PlatformError as problem:
            log.warning("a round of retraining was not opened: %s", problem.detail)
    return opened


def _look(pk: int, company_id: int, now: datetime) -> bool:
    with company_in_force(company_id), transaction.atomic():
        same = PredictorSetting.objects.select_for_update(skip_locked=True, of=("self",)).select_related("company")
        setting: PredictorSetting | None = same.filter(pk=pk).first()
        trigger = due(setting, now) if setting is not None else None
        if setting is None or trigger is None:
            return False
        open_round(predictor=setting.predictor, trigger=trigger, as_of=now.replace(microsecond=0))
    return True


__all__ = ["run_due"]
