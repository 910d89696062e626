"""Whether what happens still happens as often as when the version learned, and as often as it says.

Only predictions whose horizon has closed count: of the others the early outcomes alone are known. Of several rows of
one external id the latest that has an outcome counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from django.db import connection, transaction

from ml_services.drift import rates
from ml_services.drift.limits import HORIZON_DAYS, LEAST_KNOWN, LEAST_ROWS
from ml_services.drift.reference import SCORES, Reference
from ml_services.models import PredictorSetting
from request_logs.identifiers import first_at

ROWS = """
SELECT one.external_id, one.version = %(version)s AND one.version_company IS NOT DISTINCT FROM %(owner)s,
       one.output ->> %(score)s, said.value::text
FROM request_logs_prediction AS one
LEFT JOIN request_logs_outcome AS said
    ON said.company_id = one.company_id AND said.prediction_id = one.id AND said.current
WHERE one.company_id = %(company)s AND one.predictor = %(predictor)s AND one.id >= %(since)s AND one.id < %(until)s
ORDER BY one.id DESC LIMIT %(most)s
"""
AT_ONCE = 10_000
UNKNOWN_TASKS = "What happened cannot be held against what was learned for this kind of predictor."


@dataclass
class Closed:
    """Predictions whose horizon has closed: how many, and of those with an outcome its value; `said`: pairs of what
    the serving version said and what came."""

    predictions: int = 0
    values: list[Any] = field(default_factory=list)
    said: list[tuple[float, Any]] = field(default_factory=list)


def horizon_days(reference: Reference) -> int:
    """The company's own word, else the version's, else the usual."""
    setting = PredictorSetting.objects.filter(predictor=reference.version.predictor).first()
    own = setting.horizon_days if setting is not None else None
    card = reference.version.card.get("horizon_days")
    return int(own or (card if isinstance(card, int) and card > 0 else HORIZON_DAYS))


def compared(reference: Reference, company_id: int, until: datetime, days: int, most: int) -> rates.Told:
    """The outcome part of a verdict."""
    horizon = horizon_days(reference)
    end = until - timedelta(days=horizon)
    told = rates.Told({"horizon_days": horizon, "from": end - timedelta(days=days), "until": end})
    if not reference.target:
        return told.unknown(
            UNKNOWN_TASKS if reference.rows else "The version keeps nothing of what it learned to tell."
        )
    closed = _closed(reference, company_id, end - timedelta(days=days), end, most)
    told.facts |= {"predictions": closed.predictions, "outcomes": len(closed.values)}
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


def _closed(reference: Reference, company_id: int, since: datetime, until: datetime, most: int) -> Closed:
    asked: dict[str, Any] = {
        "company": company_id, "predictor": reference.version.predictor, "version": reference.version.version,
        "owner": reference.version.company_id, "since": first_at(since), "until": first_at(until), "most": most,
        "score": SCORES.get(reference.predictor.task, ""),
    }  # fmt: skip
    closed, by_mark = Closed(), dict[str, tuple[Any, ...] | None]()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ROWS, asked)
        while rows := cursor.fetchmany(AT_ONCE):
            for mark, *row in rows:
                if not mark:
                    _take(closed, row)
                elif by_mark.get(mark) is None:
                    by_mark[mark] = tuple(row) if row[2] is not None else None
    for known in by_mark.values():
        _take(closed, known or (False, None, None))
    return closed


def _take(closed: Closed, row: Sequence[Any]) -> None:
    own, score, value = row
    closed.predictions += 1
    if value is None:
        return
    came = msgspec.json.decode(value)
    closed.values.append(came)
    with suppress(TypeError, ValueError):
        if own and np.isfinite(number := float(score)):
            closed.said.append((number, came))


__all__ = ["compared", "horizon_days"]
