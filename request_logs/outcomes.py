"""What really happened, as it comes back: late, twice, or against what was said before. Nothing reported is lost: all
reports on a prediction are kept, and the one with the latest `occurred_at` counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction

from platform_core.errors import InputInvalid, NotFound, PlatformError
from platform_core.tenancy import current_company
from request_logs.identifiers import time_ordered
from request_logs.models import Outcome, Prediction
from users.asking import Asker

CLOCKS_APART = timedelta(minutes=1)
"""How far a caller's clock may be ahead of ours."""
LATEST_BEFORE = """
SELECT asked.place, found.id
FROM jsonb_to_recordset(%s) AS asked(place int, predictor text, external_id text, occurred_at timestamptz)
CROSS JOIN LATERAL (
    SELECT id FROM request_logs_prediction AS one
    WHERE one.company_id = %s AND one.external_id = asked.external_id AND one.external_id <> ''
      AND one.predictor = asked.predictor AND one.created_at <= asked.occurred_at
    ORDER BY one.id DESC LIMIT 1
) AS found
"""


@dataclass(frozen=True, slots=True)
class Report:
    """One outcome as reported: of a prediction, or of the latest one that `predictor` made for `external_id` before
    it occurred."""

    value: Any
    occurred_at: datetime
    prediction_id: UUID | None = None
    external_id: str = ""
    predictor: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """How a report was taken. `result`: recorded; duplicate (nothing new was stored); or contradictory (another value
    was known: `current` counts now)."""

    prediction_id: UUID
    result: str
    value: Any
    current: Outcome


Check = Callable[[str, Any], Any]
"""`check(predictor, value)`: the value clean. Raises InputInvalid."""


@transaction.atomic
def report(*, asker: Asker, reports: Sequence[Report], check: Check) -> list[Kept | PlatformError]:
    """Takes reports for the company in force, in their order; a wrong one gives its error in its place. Two that
    report on one prediction at once wait for each other."""
    places = _predictions_of(reports)
    rows = _locked({mark for mark in places if mark is not None})
    known: dict[UUID, list[Outcome]] = {mark: [] for mark in rows}
    for outcome in Outcome.objects.filter(prediction_id__in=list(rows)).order_by("id"):
        known[outcome.prediction_id].append(outcome)
    before = {mark: _current(found) for mark, found in known.items()}
    results: list[Kept | PlatformError] = []
    for one, mark in zip(reports, places, strict=True):
        try:
            results.append(_taken(asker, one, rows.get(mark) if mark else None, known, check))
        except PlatformError as problem:
            results.append(problem)
    _save(known, before)
    return results


def _predictions_of(reports: Sequence[Report]) -> list[UUID | None]:
    asked = [
        {"place": place, "predictor": one.predictor, "external_id": one.external_id, "occurred_at": one.occurred_at}
        for place, one in enumerate(reports)
        if one.prediction_id is None
    ]
    found: dict[int, UUID] = {}
    if asked:
        with connection.cursor() as cursor:
            cursor.execute(LATEST_BEFORE, [msgspec.json.encode(asked).decode(), current_company()])
            found = dict(cursor.fetchall())
    return [one.prediction_id or found.get(place) for place, one in enumerate(reports)]


def _locked(marks: Iterable[UUID]) -> dict[UUID, Prediction]:
    """In one order, so that two reports with the same predictions cannot wait for each other for ever."""
    rows = Prediction.objects.filter(pk__in=list(marks)).only("id", "predictor", "created_at").order_by("id")
    return {row.pk: row for row in rows.select_for_update(no_key=True)}


def _taken(asker: Asker, one: Report, row: Prediction | None, known: dict[UUID, list[Outcome]], check: Check) -> Kept:
    if row is None:
        raise _unknown(one)
    value = check(row.predictor, one.value)
    if one.occurred_at > datetime.now(UTC) + CLOCKS_APART:
        raise InputInvalid("occurred_at is in the future.", attr="occurred_at")
    if one.occurred_at < row.created_at:
        raise InputInvalid(
            f"occurred_at is before the prediction, which was made at {row.created_at.isoformat()}.", attr="occurred_at"
        )
    found = known[row.pk]
    current = _current(found)
    if current is not None and any(_same(old, value, one.occurred_at, current) for old in found):
        return Kept(row.pk, "duplicate", value, current)
    found.append(
        Outcome(
            company_id=current_company(), id=time_ordered(), prediction_id=row.pk, value=value,
            occurred_at=one.occurred_at, current=False, asker_kind=asker.kind, asker_id=asker.id,
        )
    )  # fmt: skip
    latest = _current(found)
    assert latest is not None  # noqa: S101 - one was just added
    return Kept(row.pk, "recorded" if current is None else "contradictory", value, latest)


def _unknown(one: Report) -> NotFound:
    if one.prediction_id is not None:
        return NotFound(f"There is no prediction {one.prediction_id}, or it is older than what is retained.")
    return NotFound(f"No prediction of {one.predictor} for external_id {one.external_id!r} was made before that time.")


def _current(found: Sequence[Outcome]) -> Outcome | None:
    """The latest by `occurred_at`; of two at one moment the one that came later."""
    latest: Outcome | None = None
    for one in found:
        if latest is None or one.occurred_at >= latest.occurred_at:
            latest = one
    return latest


def _same(old: Outcome, value: Any, occurred_at: datetime, current: Outcome) -> bool:
    """Said before: what counts now, whenever it is said to have occurred, or exactly this report."""
    return bool(old.value == value and (old is current or old.occurred_at == occurred_at))


def _save(known: dict[UUID, list[Outcome]], before: dict[UUID, Outcome | None]) -> None:
    added = [one for found in known.values() for one in found if one._state.adding]
    lost: list[UUID] = []
    for mark, found in known.items():
        latest, old = _current(found), before[mark]
        if latest is not None and latest is not old:
            latest.current = True
            lost += [old.pk] if old is not None else []
    if lost:
        Outcome.objects.filter(pk__in=lost).update(current=False)
    Outcome.objects.bulk_create(added)


__all__ = ["Check", "Kept", "Report", "report"]
