"""The cuts that part a company's bands. They are fixed at its first own version, stay through every retraining, and
change only when a person says so: by PATCH of the settings, or by an option of a training. Each change is appended, so
that an older answer can be told by the cuts of its time. The shared sample models keep the cuts they were trained with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from ml_services.base import Model, Predictor, Trained
from ml_services.decisions import band_table
from ml_services.models import PredictorSetting
from platform_core.errors import Conflict
from platform_core.tenancy import company_in_force
from users import audit

HANDOVER = timedelta(seconds=5)
"""Every process serves by changed cuts within this time; an answer of the meantime may be told by those before."""
MOST_CHANGES = 1000
Entries = Sequence[Mapping[str, Any]]


def in_force(company_id: int, predictor: str, at: datetime | None = None) -> tuple[float, ...] | None:
    """The cuts of a company's own versions, now or at a time; None where they are those in the version itself."""
    found = of_time(entries(company_id, predictor), at or timezone.now())
    return found[0]


def of_time(known: Entries, at: datetime) -> list[tuple[float, ...] | None]:
    """The cuts by which an answer of that time may have been told: those in force, and within HANDOVER of a change
    those before it."""
    found: list[tuple[float, ...] | None] = [None]
    for entry in known:
        since = datetime.fromisoformat(entry["since"])
        if since <= at:
            cuts = tuple(float(one) for one in entry["cuts"])
            found = [cuts, *(found if at < since + HANDOVER else [])]
    return found


def entries(company_id: int, predictor: str) -> Entries:
    """Every change so far, oldest first."""
    with company_in_force(company_id):
        known: Entries | None = (
            PredictorSetting.objects.filter(predictor=predictor).values_list("bands", flat=True).first()
        )
    return known or []


def last(known: Entries | None) -> tuple[float, ...] | None:
    """The newest of them."""
    return tuple(float(one) for one in known[-1]["cuts"]) if known else None


def settle(
    *, company_id: int, predictor: Predictor, trained: Trained, previous: Model | None, settings: Mapping[str, Any]
) -> None:
    """What a training does to the cuts, with the company in force: its first own version fixes them (those that an
    earlier version serves by, else its own), cuts given as an option count as a person's change, and otherwise they
    stay. The card then shows the bands as they are in force."""
    banded, own = predictor.banded, trained.model.cuts
    if banded is None or own is None:
        return
    given = settings.get(banded.setting) is not None
    setting = locked(company_id, predictor.name)
    before = last(setting.bands)
    if given and own != before:
        append(setting, own)
        told = {"cuts": {"before": before, "after": own}, "by": "training"}
        audit.record(audit.Event.SETTINGS_CHANGED, subject=f"predictor:{predictor.name}", detail=told)
    elif before is None:
        append(setting, (previous.cuts if previous is not None else None) or own)
    trained.card["bands"] = band_table.of_card(banded, last(setting.bands), trained.judged)


@transaction.atomic
def locked(company_id: int, predictor: str) -> PredictorSetting:
    """A predictor's settings, made where there are none, held until the transaction ends."""
    PredictorSetting.objects.get_or_create(company_id=company_id, predictor=predictor)
    found: PredictorSetting = PredictorSetting.objects.select_for_update().get(predictor=predictor)
    return found


def append(setting: PredictorSetting, cuts: Sequence[float]) -> None:
    """Adds cuts that are in force from now on. Raises Conflict after MOST_CHANGES."""
    if len(setting.bands) >= MOST_CHANGES:
        raise Conflict(f"These bands were changed {MOST_CHANGES} times, and every change is kept: they stay now.")
    setting.bands = [*setting.bands, {"since": timezone.now().isoformat(), "cuts": list(cuts)}]
    setting.save(update_fields=["bands"])


__all__ = ["HANDOVER", "append", "entries", "in_force", "last", "locked", "of_time", "settle"]
