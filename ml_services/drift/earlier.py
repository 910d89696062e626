"""For predictors of texts, which keep nothing of what they learned from that could be counted: the window before this
one is the reference."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection

from ml_services.drift.bins import level_bins, number_bins
from ml_services.drift.limits import FRESH_ROWS
from ml_services.drift.reference import MOST_NAMES, NAMES, SCORES, Column, Reference, lengths
from ml_services.training_quantiles import binned
from request_logs.identifiers import first_at

ROWS = """
SELECT length(input ->> %(field)s), output ->> %(name)s, output ->> %(score)s FROM request_logs_prediction
WHERE company_id = %(company)s AND predictor = %(predictor)s AND id >= %(since)s AND id < %(until)s
  AND version = %(version)s AND version_company IS NOT DISTINCT FROM %(owner)s
ORDER BY id DESC LIMIT %(most)s
"""


def of(reference: Reference, company_id: int, since: datetime, until: datetime) -> Reference:
    """The reference that the rows from `since` until `until` make: lengths of the texts, names and chances given."""
    predictor, version = reference.predictor, reference.version
    text = next(one.name for one in predictor.inputs if one.kind == "text")
    asked: dict[str, Any] = {
        "field": text, "name": predictor.outputs[0].name, "score": SCORES.get(predictor.task, ""),
        "company": company_id, "predictor": version.predictor, "version": version.version,
        "owner": version.company_id, "since": first_at(since), "until": first_at(until), "most": FRESH_ROWS,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(ROWS, asked)
        rows = cursor.fetchall()
    known = np.array([row[0] for row in rows if row[0]], dtype=np.float64)
    bins = number_bins(f"{text} (characters)", binned(known), missing=len(rows) - len(known))
    names = Counter(row[1] for row in rows if row[1] is not None) if predictor.task in NAMES else {}
    scores = binned(np.array([one for row in rows if (one := _number(row[2])) is not None], dtype=np.float64))
    return replace(
        reference,
        rows=len(rows),
        columns=(Column(text, bins, "text", lengths),),
        answers=len(rows) if names or sum(scores["counts"]) else 0,
        names=level_bins("answer", names, MOST_NAMES) if names else None,
        score=number_bins("score", scores) if sum(scores["counts"]) else None,
    )


def _number(text: Any) -> float | None:
    with suppress(TypeError, ValueError):
        return float(text)
    return None


__all__ = ["of"]
