"""Whether what happens still happens as often as when the version learned, and as often as it says.

Only predictions whose horizon has closed count: of the others the early outcomes alone are known. Of several rows of
one external id the latest that has an outcome counts. Where the company says that silence means no, one that nothing
was reported of counts as a no.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import connection

from ml_services.drift import rates
from ml_services.drift.blocks import blocks
from ml_services.drift.limits import HORIZON_DAYS, LEAST_KNOWN, LEAST_ROWS
from ml_services.drift.reference import SCORES, Reference
from ml_services.models import PredictorSetting
from request_logs.identifiers import first_at

ROWS = """
SELECT one.external_id, one.version = %(version)s AND one.version_company IS NOT DISTINCT FROM %(owner)s,
       one.output ->> %(score)s, said.value::text, one.created_at
FROM request_logs_prediction AS one
LEFT JOIN request_logs_outcome AS said
    ON said.company_id = one.company_id AND said.prediction_id = one.id AND said.current
WHERE one.company_id = %(company)s AND one.predictor = %(predictor)s AND one.id >= %(since)s AND one.id < %(until)s
ORDER BY one.id DESC LIMIT %(most)s
"""
LATER_YES = """
SELECT one.external_id, min(said.occurred_at)
FROM request_logs_prediction AS one
JOIN request_logs_outcome AS said
    ON said.company_id = one.company_id AND said.prediction_id = one.id AND said.current AND said.value = 'true'
WHERE one.company_id = %(company)s AND one.predictor = %(predictor)s AND one.id >= %(until)s AND one.external_id <> ''
GROUP BY one.external_id
"""
"""A yes that was reported of a record's younger prediction: of the older one that is no silence."""
Row = tuple[Any, ...]
"""As ROWS says: external id, whether of this version, score, what came, when."""
UNKNOWN_TASKS = "What happened cannot be held against what was learned for this kind of predictor."


@dataclass
class Closed:
    """Predictions whose horizon has closed: how many, and of those with an outcome its value; `said`: pairs of what
    the serving version said and what came; `silent`: those without a report that count as a no."""

    predictions: int = 0
    silent: int = 0
    values: list[Any] = field(default_factory=list)
    said: list[tuple[float, Any]] = field(default_factory=list)


def horizon_days(reference: Reference) -> int:
    """The company's own word, else the version's, else the usual."""
    own = _setting(reference).horizon_days
    card = reference.version.card.get("horizon_days")
    return int(own or (card if isinstance(card, int) and card > 0 else HORIZON_DAYS))


def _setting(reference: Reference) -> PredictorSetting:
    found: PredictorSetting | None = PredictorSetting.objects.filter(predictor=reference.version.predictor).first()
    return found or PredictorSetting(predictor=reference.version.predictor)


def compared(reference: Reference, company_id: int, until: datetime, days: int, most: int) -> rates.Told:
    """The outcome part of a verdict."""
    horizon = horizon_days(reference)
    end = until - timedelta(days=horizon)
    told = rates.Told({"horizon_days": horizon, "from": end - timedelta(days=days), "until": end})
    if not reference.target:
        return told.unknown(
            UNKNOWN_TASKS if reference.rows else "The version keeps nothing of what it learned to tell."
        )
    silent = reference.predictor.task == "binary" and _setting(reference).silence_means_no
    closed = _closed(reference, company_id, (end - timedelta(days=days), end, horizon), most, silence_means_no=silent)
    told.facts |= {"predictions": closed.predictions, "outcomes": len(closed.values), "silent_no": closed.silent}
    if len(closed.values) < LEAST_ROWS:
        return told.unknown(
            f"{len(closed.values):,} outcomes are known of predictions whose {horizon} days are over; "
            f"at least {LEAST_ROWS} are needed."
        )
    if len(closed.values) < LEAST_KNOWN * closed.predictions:
        return told.unknown(
            f"Of {closed.predictions:,} predictions whose {horizon} days are over, only {len(closed.values):,} have an "
            "outcome: those reported may be of a kind of their own. Report the others too, also where nothing happened."
        )
    return rates.compare(told, reference, closed.values, closed.said)


def _closed(
    reference: Reference, company_id: int, span: tuple[datetime, datetime, int], most: int, *, silence_means_no: bool
) -> Closed:
    """`span`: from, until, and the horizon in days."""
    since, until, horizon = span
    asked: dict[str, Any] = {
        "company": company_id, "predictor": reference.version.predictor, "version": reference.version.version,
        "owner": reference.version.company_id, "since": first_at(since), "until": first_at(until), "most": most,
        "score": SCORES.get(reference.predictor.task, ""),
    }  # fmt: skip
    later = _later_yes(asked) if silence_means_no else {}
    closed, settled, waiting = Closed(), set[str](), dict[str, Row]()
    for block in blocks(ROWS, asked):
        for row in block:
            mark = row[0]
            if not mark:
                _take(closed, _heard(closed, row, None, horizon) if silence_means_no else row)
            elif mark in settled:
                continue
            elif row[3] is None:
                waiting.setdefault(mark, row)
            else:
                settled.add(mark)
                waiting.pop(mark, None)
                _take(closed, row)
    for mark, row in waiting.items():
        _take(closed, _heard(closed, row, later.get(mark), horizon) if silence_means_no else row)
    return closed


def _later_yes(asked: dict[str, Any]) -> dict[str, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(LATER_YES, asked)
        return dict(cursor.fetchall())


def _heard(closed: Closed, row: Row, yes_at: datetime | None, horizon: int) -> Row:
    """The row with what its silence means."""
    mark, own, score, value, made_at = row
    if value is not None:
        return row
    yes = yes_at is not None and yes_at <= made_at + timedelta(days=horizon)
    closed.silent += not yes
    return mark, own, score, "true" if yes else "false", made_at


def _take(closed: Closed, row: Row) -> None:
    _, own, score, value, _ = row
    closed.predictions += 1
    if value is None:
        return
    came = msgspec.json.decode(value)
    closed.values.append(came)
    with suppress(TypeError, ValueError):
        if own and math.isfinite(number := float(score)):
            closed.said.append((number, came))


__all__ = ["compared", "horizon_days"]
