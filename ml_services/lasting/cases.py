"""Past predictions whose outcomes are known, nearest first in the eyes of the version that made this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ml_services import past_models
from ml_services.base import Model, Record
from ml_services.lasting.places import Places, has_places, located, most_cases
from ml_services.lasting.shares import Floats
from ml_services.texts.polarity import PolarityModel
from platform_core.errors import Conflict
from request_logs import selectors
from request_logs.models import Outcome, Prediction

FEWEST = 10
"""Outcomes known; the nearest of fewer are not near."""
ALIKE = 0.1
"""Of the largest effect in this prediction: fields whose effects differ by less are alike, whatever they hold."""
MOST_FIELDS = 5
NO_PLACES = "This predictor's models give no effects to compare by."
ERASED = "What this prediction was asked with was erased."


def cases(row: Prediction, k: int) -> dict[str, Any]:
    """At most `k`, and how many were looked at; none, with a `reason`, where they cannot be found."""
    told: dict[str, Any] = {
        "prediction_id": row.pk, "predictor": row.predictor, "version": row.version,
        "known_outcomes": 0, "looked_at": 0, "cases": [], "reason": None,
    }  # fmt: skip
    try:
        models = {name: one for name, one in past_models.parts_of(row).items() if has_places(one)}
    except Conflict as problem:
        return told | {"reason": problem.detail}
    if not models or "*" in row.redacted:
        return told | {"reason": ERASED if models else NO_PLACES}
    known = selectors.known_cases(row, most=min(map(most_cases, models.values())))
    known = [one for one in known if "*" not in one.prediction.redacted]
    told["known_outcomes"] = len(known)
    if len(known) < FEWEST:
        few = f"{len(known)} past predictions have an outcome; from {FEWEST} on the nearest are shown."
        return told | {"reason": few}
    records = [row.input, *(one.prediction.input for one in known)]
    places = {name: located(one, [_own(one, record, row) for record in records]) for name, one in models.items()}
    distances = _distances(list(places.values()))
    if np.isnan(distances).all():
        return told | {"reason": "What was kept of these predictions cannot be read by this version."}
    order = np.lexsort((np.arange(len(known)), distances))[:k]
    nearest = [int(place) for place in order if not np.isnan(distances[place])]
    told["looked_at"] = int((~np.isnan(distances)).sum())
    return told | {
        "cases": [
            _case(known[place], float(distances[place])) | _fields(row, known[place], place, models, places)
            for place in nearest
        ]
    }


def _own(model: Model, record: Record, row: Prediction) -> Record:
    """The part of a record that this model asks for. A model of texts takes the record as it is."""
    if isinstance(model, PolarityModel):
        return record
    asked = {field.name for field in model.fields}
    return {name: value for name, value in record.items() if name in asked}


def _distances(places: Sequence[Places]) -> Floats:
    """(cases,) Euclidean, from the first row to each other; NaN where one cannot be read. Of a composite each part
    counts by its own spread, as their effects have different units."""
    total: Any = 0.0
    for one in places:
        apart = one.effects[1:] - one.effects[0]
        squared = (apart**2).sum(axis=1)
        spread = np.nanvar(one.effects[1:], axis=0).sum() if len(places) > 1 else 1.0
        total = total + squared / (spread or 1.0)
    return np.asarray(np.sqrt(total))


def _case(known: Outcome, distance: float) -> dict[str, Any]:
    about = known.prediction
    return {
        "prediction_id": about.pk, "external_id": about.external_id or None, "created_at": about.created_at,
        "version": about.version, "output": about.output, "outcome": known.value, "occurred_at": known.occurred_at,
        "distance": distance,
    }  # fmt: skip


def _fields(
    row: Prediction, known: Outcome, place: int, models: dict[str, Model], places: dict[str, Places]
) -> dict[str, Any]:
    """`alike`: what weighs most in this prediction and is the same or works the same there; `differ`: what sets the
    two apart most."""
    alike: dict[str, float] = {}
    differ: dict[str, float] = {}
    values: dict[str, tuple[Any, Any]] = {}
    for name, one in places.items():
        own, theirs = one.effects[0], one.effects[place + 1]
        negligible = ALIKE * float(np.abs(own).max(initial=0.0))
        words = isinstance(models[name], PolarityModel)
        for field, axes in one.axes().items():
            weight, apart = float(np.abs(own[axes]).max()), float(np.abs(own[axes] - theirs[axes]).max())
            if words and not (weight or apart):
                continue  # in neither text
            here, there = _told(row.input.get(field)), _told(known.prediction.input.get(field))
            values[field] = (bool(own[axes[0]]), bool(theirs[axes[0]])) if words else (here, there)
            if values[field][0] == values[field][1] or apart <= negligible:
                alike[field] = max(weight, alike.get(field, 0.0))
            else:
                differ[field] = max(apart, differ.get(field, 0.0))
    alike = {field: weight for field, weight in alike.items() if field not in differ}
    return {"alike": _strongest(alike, values), "differ": _strongest(differ, values)}


def _told(value: Any) -> Any:
    return None if isinstance(value, Mapping) else value  # a digest stands where a value was redacted


def _strongest(weights: dict[str, float], values: dict[str, tuple[Any, Any]]) -> list[dict[str, Any]]:
    order = sorted(weights, key=lambda field: (-weights[field], field))[:MOST_FIELDS]
    return [{"field": field, "value": values[field][0], "theirs": values[field][1]} for field in order]


__all__ = ["FEWEST", "cases"]
