"""What became of a company's predictions, as it was known on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from ml_services.base import Predictor
from request_logs.models import Outcome, Prediction

MOST = 200_000
"""The newest predictions that are learned from."""


@dataclass(frozen=True, slots=True)
class Known:
    """A prediction's input and what came. `mark`: whose it was, the external id or else the prediction's own."""

    mark: str
    made_at: datetime
    input: Mapping[str, Any]
    value: Any


def known(predictor: Predictor, *, until: datetime, horizon: timedelta, silence_means_no: bool) -> list[Known]:
    """Of the company in force, oldest first: predictions made a `horizon` or more before `until`, one of each external
    id (the latest that has an outcome), with what was reported by `until`. A yes counts within the horizon only, and
    also where it was reported of a younger prediction of the same record. Whose input was erased is left out."""
    reported = _reported(predictor.name, until)
    rows = Prediction.objects.filter(predictor=predictor.name, created_at__lte=until - horizon).exclude(input={})
    if not silence_means_no:
        rows = rows.filter(Exists(Outcome.objects.filter(prediction_id=OuterRef("pk"), created_at__lte=until)))
    asked = rows.order_by("-id").only("id", "external_id", "created_at", "input")[:MOST]
    yes_of = _yes_times(reported)
    kept: dict[str, Known] = {}
    for row in asked.iterator():
        mark = row.external_id or str(row.pk)
        if mark in kept:
            continue
        own = reported.get(row.pk)
        value = own.value if own is not None else False
        if predictor.task == "binary":
            times = yes_of.get(mark, ())
            value = any(row.created_at <= one <= row.created_at + horizon for one in times)
        kept[mark] = Known(mark, row.created_at, row.input, value)
    return sorted(kept.values(), key=lambda one: (one.made_at, one.mark))


def _reported(predictor: str, until: datetime) -> dict[UUID, Outcome]:
    """By prediction, what counted at `until`: the report that occurred last (the later one of two)."""
    rows = Outcome.objects.filter(prediction__predictor=predictor, created_at__lte=until).select_related("prediction")
    asked = rows.only("value", "occurred_at", "prediction__external_id").order_by("occurred_at", "id")
    return {one.prediction_id: one for one in asked.iterator()}


def _yes_times(reported: Mapping[UUID, Outcome]) -> dict[str, list[datetime]]:
    found: dict[str, list[datetime]] = {}
    for one in reported.values():
        if one.value is True:
            found.setdefault(one.prediction.external_id or str(one.prediction_id), []).append(one.occurred_at)
    return found


__all__ = ["Known", "known"]
