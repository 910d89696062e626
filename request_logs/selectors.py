"""Reads of this room: the ledger, the outcomes and the requests of the company in force, newest first. Lists go on
from an id, which is a time: no page is ever counted, and one far down costs as much as the first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from platform_core.errors import NotFound
from request_logs.identifiers import first_at
from request_logs.models import Outcome, Prediction, Request

Row = TypeVar("Row", bound=Model)
LARGE = ("input", "redacted", "raw", "base", "reasons")
"""What a list of predictions leaves out: an input may be a history of ten thousand points."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; empty: not narrowed. `since` is included, `until` is not."""

    since: datetime | None = None
    until: datetime | None = None
    asker_kind: str = ""
    asker_id: int | None = None
    predictor: str = ""
    version: str = ""
    external_id: str = ""
    prediction_id: UUID | None = None
    method: str = ""
    status: int | None = None
    path: str = ""


EXACT = tuple(one.name for one in fields(Filters) if one.name not in ("since", "until"))


def predictions(*, filters: Filters, before: UUID | None, size: int) -> tuple[list[Prediction], UUID | None]:
    """A page of the ledger, and where the next begins."""
    return _page(Prediction.objects.defer(*LARGE), filters, before, size)


def prediction(prediction_id: UUID) -> Prediction:
    """One prediction, whole. Raises NotFound."""
    found: Prediction | None = Prediction.objects.filter(pk=prediction_id).first()
    if found is None:
        raise NotFound(f"There is no prediction {prediction_id}, or it is older than what is retained.")
    return found


def of_ids(ids: Iterable[UUID]) -> list[Prediction]:
    """These predictions, as in a list."""
    return list(Prediction.objects.defer(*LARGE).filter(pk__in=list(ids)))


def previous(row: Prediction) -> Prediction | None:
    """The latest earlier prediction of the same predictor about the same thing, whole; None without an external id."""
    if not row.external_id:
        return None
    same = Prediction.objects.filter(predictor=row.predictor, external_id=row.external_id, id__lt=row.pk)
    found: Prediction | None = same.order_by("-id").first()
    return found


def known_cases(row: Prediction, *, most: int) -> list[Outcome]:
    """The newest outcomes that count, each with its prediction's input and output: of the same predictor, about
    something else than this one."""
    found = Outcome.objects.filter(current=True, prediction__predictor=row.predictor).exclude(prediction_id=row.pk)
    if row.external_id:
        found = found.exclude(prediction__external_id=row.external_id)
    left_out = ("raw", "base", "reasons")
    rows = found.select_related("prediction").defer(*(f"prediction__{name}" for name in left_out))
    return list(rows.order_by("-prediction_id")[:most])


def current_outcomes(rows: Sequence[Prediction]) -> dict[UUID, Outcome]:
    """What is known to have happened, by prediction. One query."""
    found = Outcome.objects.filter(prediction_id__in=[row.pk for row in rows], current=True)
    return {outcome.prediction_id: outcome for outcome in found}


def history(row: Prediction) -> list[Outcome]:
    """All reports on a prediction, the current one first."""
    return list(Outcome.objects.filter(prediction_id=row.pk).order_by("-current", "-occurred_at", "-id"))


def outcomes(*, filters: Filters, before: UUID | None, size: int) -> tuple[list[Outcome], UUID | None]:
    """A page of the reports, each with its prediction."""
    rows = Outcome.objects.select_related("prediction").defer(*(f"prediction__{name}" for name in (*LARGE, "output")))
    return _page(rows, filters, before, size, of_prediction=("predictor", "version", "external_id"))


def requests(*, filters: Filters, before: UUID | None, size: int) -> tuple[list[Request], UUID | None]:
    """A page of the log of requests."""
    return _page(Request.objects.all(), filters, before, size)


def _page(
    rows: QuerySet[Row], filters: Filters, before: UUID | None, size: int, *, of_prediction: Iterable[str] = ()
) -> tuple[list[Row], UUID | None]:
    given: dict[str, Any] = {}
    for name in EXACT:
        value = getattr(filters, name)
        if value not in ("", None):
            given[f"prediction__{name}" if name in of_prediction else name] = value
    if filters.since:
        given["id__gte"] = first_at(filters.since)
    rows = rows.filter(**given)
    for bound in (before, first_at(filters.until) if filters.until else None):
        if bound is not None:
            rows = rows.filter(id__lt=bound)
    found = list(rows.order_by("-id")[: size + 1])
    return found[:size], (found[size - 1].pk if len(found) > size else None)


__all__ = [
    "Filters", "current_outcomes", "history", "known_cases", "of_ids", "outcomes", "prediction", "predictions",
    "previous", "requests",
]  # fmt: skip
