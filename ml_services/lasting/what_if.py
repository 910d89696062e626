"""What the version that made a prediction says of the same record with other values.

That is what the model saw together, not what follows from what: raising a number in a record moves the answer as far
as records with the higher number differed from this one. Every answer carries that label.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ml_services import artifacts, past_models
from ml_services.base import Field
from ml_services.lasting.outputs import NAMES, answered_class, scores, told_about
from ml_services.lasting.questions import LABEL
from ml_services.lasting.ranges import Range, quantiles_of, ranges
from ml_services.lasting.search import best
from ml_services.models import PredictorSetting
from ml_services.registry import predictor
from ml_services.tabular import TabularModel
from platform_core.errors import ArtifactRefused, Conflict, InputInvalid, RecordInvalid
from request_logs.models import Prediction

NOTE = (
    "Records that differ like this had such outcomes in what the model learned from. It does not say that changing the "
    "field changes the outcome: both may follow from something else."
)
MOST_CHANGES = 10


def what_if(row: Prediction, changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """With `changes`, the answer to them; without, the best single changes and the best pair. Raises InputInvalid,
    RecordInvalid for values, Conflict where nothing is marked as changeable or it cannot be computed."""
    models = _models(row)
    kept = quantiles_of(row)
    marked = _marked(row)
    allowed = {
        name: {field: one for field, one in ranges(model.fields, kept[name]).items() if field in marked}
        for name, model in models.items()
    }
    open_to = sorted({field for found in allowed.values() for field in found})
    if not open_to:
        raise Conflict(_none_marked(row, marked))
    told = {
        "prediction_id": row.pk, "predictor": row.predictor, "version": row.version, "label": LABEL, "note": NOTE,
        "changeable": [_widest(field, allowed).as_json() for field in open_to],
    }  # fmt: skip
    if changes is not None:
        _check(changes, open_to)
    results = [_result(name, model, row, changes, allowed[name]) for name, model in models.items()]
    return told | {"changes": None if changes is None else _lines(row, changes), "results": results}


def changeable(row: Prediction) -> list[tuple[Field, dict[str, Any]]]:
    """Each field that a what-if of this prediction may change, with the range seen; by the manifests alone, so that no
    model is loaded. Raises Conflict where there are none."""
    if row.redacted:
        raise Conflict(_not_kept(row))
    marked = _marked(row)
    kept = quantiles_of(row)
    found: dict[str, Range] = {}
    for name, version, company in past_models.versions_of(row):
        try:
            fields = artifacts.fields(company_id=company, predictor=name, version=version)
        except ArtifactRefused:  # gone, or never trained: nothing to change in it
            continue
        found |= {field: one for field, one in ranges(fields, kept[name]).items() if field in marked}
    if not found:
        raise Conflict(_none_marked(row, marked))
    return [(found[name].field, found[name].as_json()) for name in sorted(found)]


def _not_kept(row: Prediction) -> str:
    lost = "what it was asked with was erased" if "*" in row.redacted else "personal values were not kept"
    return f"This prediction cannot be computed again: {lost}."


def _models(row: Prediction) -> dict[str, TabularModel]:
    """Those parts whose answer turns on one number of a row of fields."""
    if row.redacted:
        raise Conflict(_not_kept(row))
    found = past_models.parts_of(row)
    models = {name: one for name, one in found.items() if isinstance(one, TabularModel) and told_about(one)}
    if not models:
        raise Conflict(f"A what-if needs a model of rows of fields; {row.predictor} has none.")
    return models


def _marked(row: Prediction) -> frozenset[str]:
    """What the company can act on, of this predictor or of its parts."""
    names = [row.predictor, *predictor(row.predictor).parts]
    settings = PredictorSetting.objects.filter(predictor__in=names)
    return frozenset(field for setting in settings for field in setting.changeable)


def _none_marked(row: Prediction, marked: frozenset[str]) -> str:
    where = f"`changeable` of /api/models/{row.predictor}/settings/"
    if not marked:
        return f"No field of {row.predictor} is marked as changeable. Mark those that you can act on: {where}."
    return (
        f"Of the fields marked as changeable ({', '.join(sorted(marked))}) version {row.version} has none with a range "
        f"that it saw. Mark others: {where}."
    )


def _check(changes: Mapping[str, Any], open_to: list[str]) -> None:
    if not changes:
        raise InputInvalid("changes is empty: name a field, or leave changes out for the best ones.", attr="changes")
    if len(changes) > MOST_CHANGES:
        raise InputInvalid(f"At most {MOST_CHANGES} fields may be changed at once.", attr="changes")
    for name in changes:
        if name not in open_to:
            raise InputInvalid(
                f"{name} is not marked as changeable; these are: {', '.join(open_to)}.", attr=f"changes.{name}"
            )


def _widest(field: str, allowed: Mapping[str, Mapping[str, Range]]) -> Range:
    return next(found[field] for found in allowed.values() if field in found)


def _lines(row: Prediction, changes: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"field": name, "before": row.input.get(name), "after": value} for name, value in changes.items()]


def _result(
    name: str, model: TabularModel, row: Prediction, changes: Mapping[str, Any] | None, allowed: Mapping[str, Range]
) -> dict[str, Any]:
    """One output; of a composite that of one part."""
    asked = {field.name for field in model.fields} | (model.extras if row.parts is None else frozenset())
    record = {key: value for key, value in row.input.items() if key in asked}
    try:
        now = model.encoder.encode_one(record)
    except RecordInvalid as problem:
        raise Conflict(f"The kept input no longer fits version {row.version}: {problem.detail}") from None
    label = answered_class(model, now)
    before = float(scores(model, _matrix(now), label)[0, 1])
    told = {
        "predictor": name, "output": NAMES[predictor(name).task], "class": label or None, "before": before,
        "after": None, "difference": None, "answer": None, "best": None,
    }  # fmt: skip
    if changes is None:
        return told | {"best": best(model, record, allowed, before, label)}
    changed = {**record, **{key: value for key, value in changes.items() if key in asked}}
    answer = model.answer(changed, explain=False)
    for key, value in changes.items():
        if key in allowed:
            allowed[key].check(value, model.encoder, changed)
    after = float(scores(model, _matrix(model.encoder.encode_one(changed)), label)[0, 1])
    return told | {"after": after, "difference": after - before, "answer": answer}


def _matrix(row: Any) -> Any:
    import numpy as np

    return np.array([row], dtype=np.float64)


__all__ = ["NOTE", "changeable", "what_if"]
