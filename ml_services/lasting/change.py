"""Why the answer about one record changed between two predictions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ml_services import past_models, registry
from ml_services.base import Model
from ml_services.lasting.outputs import NAMES, NOT_TOLD, told_about
from ml_services.lasting.split import Side, split
from ml_services.replay import replay
from platform_core.errors import Conflict, InputInvalid, NotFound
from request_logs import selectors
from request_logs.models import Prediction

METHOD = (
    "Shapley values of the changed fields between the two records, averaged over both orders of data and version; "
    "data + time + version = difference."
)


def change(after: Prediction, since: UUID | None = None) -> dict[str, Any]:
    """Both predictions and, for each output, its difference in parts; a `reason` in their place where what is needed
    was not kept. Raises NotFound, InputInvalid."""
    before = _earlier(after, since)
    told = {
        "prediction_id": after.pk, "since": before.pk, "predictor": after.predictor,
        "external_id": after.external_id or None, "before": _said(before), "after": _said(after),
        "method": METHOD, "reason": None, "changes": [],
    }  # fmt: skip
    try:
        for row in (before, after):
            _must_be_as_kept(row)
        models = past_models.parts_of(before), past_models.parts_of(after)
    except Conflict as problem:
        return told | {"reason": problem.detail}
    return told | {"changes": [_part(name, before, after, *models) for name in models[1]]}


def _earlier(after: Prediction, since: UUID | None) -> Prediction:
    if since is None:
        found = selectors.previous(after)
        if found is None:
            raise NotFound(
                f"There is no earlier prediction of {after.predictor} with this one's external_id to compare with: "
                "name one with since=ID."
            )
        return found
    before = selectors.prediction(since)
    if before.predictor != after.predictor:
        raise InputInvalid(f"since is a prediction of {before.predictor}, this one of {after.predictor}.", attr="since")
    if before.pk >= after.pk:
        raise InputInvalid("since must be a prediction made before this one.", attr="since")
    return before


def _said(row: Prediction) -> dict[str, Any]:
    return {"prediction_id": row.pk, "created_at": row.created_at, "version": row.version, "output": row.output}


def _must_be_as_kept(row: Prediction) -> None:
    """Raises Conflict where what is kept does not give the answer that was given."""
    when = f"The prediction of {row.created_at:%Y-%m-%d %H:%M:%S}"
    if "*" in row.redacted:
        raise Conflict(f"{when} cannot be computed again: its input was erased.")
    if row.redacted:
        raise Conflict(f"{when} cannot be computed again: {', '.join(row.redacted)} is personal and was not kept.")
    found = replay(row)
    if not found["matches"]:
        raise Conflict(f"{when} computes to something else today: {', '.join(found['differences'])}.")


def _part(
    name: str, before: Prediction, after: Prediction, earlier: dict[str, Model], later: dict[str, Model]
) -> dict[str, Any]:
    """One output's difference; of a composite, that of one part."""
    task = registry.predictor(name).task
    empty = {
        "predictor": name, "output": NAMES.get(task), "reason": None, "class": None, "before": None, "after": None,
        "difference": None, "raw_difference": None, "data": None, "time": None, "version": None, "order": None,
        "sampled_orders": None,
    }  # fmt: skip
    if name not in earlier:
        return empty | {"reason": f"The earlier prediction had no part {name}."}
    if not (told_about(earlier[name]) and told_about(later[name])):
        return empty | {"reason": NOT_TOLD}
    try:
        return empty | split(_side(name, before, earlier), _side(name, after, later))
    except Conflict as problem:
        return empty | {"reason": problem.detail}


def _side(name: str, row: Prediction, models: dict[str, Model]) -> Side:
    model = models[name]
    asked = {field.name for field in model.fields}
    composite = row.parts is not None
    record = {key: value for key, value in row.input.items() if key in asked} if composite else row.input
    version = next(version for one, version, _ in past_models.versions_of(row) if one == name)
    return Side(model, version, record, row.created_at)


__all__ = ["METHOD", "change"]
