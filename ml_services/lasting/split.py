"""The difference of two answers split into data, time and version, exactly.

Two orders lead from the earlier answer to the later one: the data first, by the earlier version, and then the version;
or the version first and then the data, by the later version. Neither is the right one, so the mean of both is told:
the Owen value of the game whose unions are the fields and the version (Owen, "Values of games with a priori unions",
1977). What was said earlier plus all parts is what was said later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from ml_services.base import Field, Model, Record
from ml_services.lasting.outputs import answered_class, classes
from ml_services.lasting.passing import only_time, unit_days
from ml_services.lasting.shares import Floats
from ml_services.lasting.within import Within, within
from ml_services.tabular import TabularModel
from ml_services.texts.polarity import PolarityModel
from platform_core.errors import Conflict, RecordInvalid

BOTH, DATA_FIRST, VERSION_FIRST, ONE = "mean of both orders", "data first", "version first", "one version"
UNCHANGING = "Nothing that this version looks at moves by itself as time passes."
NOTHING_MOVED = "No field moved by as much as the time that went by."


@dataclass(frozen=True)
class Side:
    """One of the two predictions: its model, what it was asked with, when."""

    model: Model
    version: str
    record: Record
    at: datetime


def split(before: Side, after: Side) -> dict[str, Any]:
    """What `change` tells of one output. Raises Conflict where the two cannot be held against each other."""
    same = before.model is after.model
    label = _class(after)
    if label and label not in classes(before.model):  # type: ignore[arg-type]
        raise Conflict(f"Version {before.version} does not know the class {label!r}.")
    data_first = _tried(lambda: within(before.model, before.record, _held(before, after), label))
    version_first = (
        data_first if same else _tried(lambda: within(after.model, _held(after, before), after.record, label))
    )
    start = data_first.start if data_first else within(before.model, before.record, before.record, label).start
    end = version_first.end if version_first else within(after.model, after.record, after.record, label).end
    ways = [way for way in (data_first, version_first) if way is not None]
    if not ways:
        raise Conflict("Neither version can read what the other was asked with.")
    version = np.mean([(end - start) - (way.end - way.start) for way in ways], axis=0)
    order = ONE if same else BOTH if len(ways) == 2 else DATA_FIRST if data_first else VERSION_FIRST
    return {
        "class": label or None,
        "before": float(start[1]), "after": float(end[1]),
        "difference": float(end[1] - start[1]), "raw_difference": float(end[0] - start[0]),
        **_of_fields(before, after, ways),
        "version": _told(version) | _of_versions(before, after, same),
        "order": order,
        "sampled_orders": max((way.orders or 0 for way in ways), default=0) or None,
    }  # fmt: skip


def _class(side: Side) -> str:
    model = side.model
    return answered_class(model, model.encoder.encode_one(side.record)) if isinstance(model, TabularModel) else ""


def _tried(work: Callable[[], Within]) -> Within | None:
    try:
        return work()
    except RecordInvalid:
        return None


def _held(own: Side, other: Side) -> Record:
    """The other side's record as this side's model can read it: what only this version asks for stays as it was, what
    only the other one asks for is left out."""
    if isinstance(own.model, PolarityModel):
        return {own.model.column: _text(other)}
    asked = {field.name for field in own.model.fields}
    theirs = {field.name for field in other.model.fields}
    kept = {name: value for name, value in other.record.items() if name in asked}
    return kept | {name: value for name, value in own.record.items() if name in asked - theirs}


def _text(side: Side) -> Any:
    return next(iter(side.record.values()), None)


def _of_fields(before: Side, after: Side, ways: list[Within]) -> dict[str, Any]:
    """`data` and `time`: effects by field, the mean of the orders, the strongest first."""
    nothing = np.zeros(2)
    names = list(dict.fromkeys(name for way in ways for name in way.effects))
    effects = {name: np.mean([way.effects.get(name, nothing) for way in ways], axis=0) for name in names}
    passing = np.mean([way.passing for way in ways], axis=0)
    fields = _fields(before.model, after.model)
    elapsed = (after.at - before.at).total_seconds() / 86_400
    counted = [n for n in names if only_time(fields.get(n), before.record.get(n), after.record.get(n), elapsed)]
    words = isinstance(after.model, PolarityModel)
    lines = {name: _line(name, before, after, effects[name], words) for name in _by_strength(effects)}
    aged = sorted({name for way in ways for name in way.aged})
    in_time = [lines[name] for name in lines if name in counted]
    if aged:
        in_time.append({"field": ", ".join(aged), "before": None, "after": None, **_told(passing)})
    time = sum((effects[name] for name in counted), passing)
    data = sum((effects[name] for name in names if name not in counted), nothing)
    return {
        "data": _told(data) | {"fields": [lines[name] for name in lines if name not in counted]},
        "time": _told(time) | {"fields": in_time, "note": _time_note(before, after, aged, counted)},
    }


def _by_strength(effects: dict[str, Floats]) -> list[str]:
    return sorted(effects, key=lambda name: (-abs(effects[name][1]), name))


def _fields(*models: Model) -> dict[str, Field]:
    return {field.name: field for model in models for field in model.fields}


def _line(name: str, before: Side, after: Side, effect: Floats, word: bool) -> dict[str, Any]:
    """A field's values and effect; a word has none: it is in the text or not."""
    values = {} if word else {"before": before.record.get(name), "after": after.record.get(name)}
    return {"field": name, "before": None, "after": None, **values, **_told(effect)}


def _time_note(before: Side, after: Side, aged: list[str], counted: list[str]) -> str:
    if aged:
        return f"Ages of {', '.join(aged)} are counted from each record's own day, which moved."
    if counted:
        return "These numbers count time, and grew by what went by between the two predictions."
    counts = any(unit_days(field) for field in _fields(before.model, after.model).values())
    timed = any(_has_time(side.model) for side in (before, after))
    return NOTHING_MOVED if counts or timed else UNCHANGING


def _has_time(model: Model) -> bool:
    return isinstance(model, TabularModel) and bool(getattr(model.encoder, "time_field", ""))


def _of_versions(before: Side, after: Side, same: bool) -> dict[str, Any]:
    """The two versions, the fields that only one of them asks for, and what each says of the later data."""
    first, second = ({field.name for field in side.model.fields} for side in (before, after))
    told: dict[str, Any] = {
        "before": before.version, "after": after.version,
        "only_before": sorted(first - second), "only_after": sorted(second - first), "on_later_data": None,
    }  # fmt: skip
    if not same:
        try:
            earlier = before.model.answer(_held(before, after), explain=False)
        except RecordInvalid:
            return told
        told["on_later_data"] = {"before": earlier, "after": after.model.answer(after.record, explain=False)}
    return told


def _told(effect: Any) -> dict[str, float]:
    return {"effect": float(effect[1]), "raw_effect": float(effect[0])}


__all__ = ["Side", "split"]
