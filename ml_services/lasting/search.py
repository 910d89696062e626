"""The best single changes of a record, and the best pair, among values that the version saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from ml_services.base import Record
from ml_services.lasting.outputs import scores
from ml_services.lasting.ranges import Range
from ml_services.tabular import TabularModel
from platform_core.errors import RecordInvalid

MOST_TOLD = 5
MOST_PAIR_ROWS = 20_000
"""Pairs of values asked for one search; the fields that do most alone are paired first."""
MOST_VALUES = 50
"""Of one field."""
Tried = tuple[dict[str, Any], float]
"""Changes, and the output then."""


def best(
    model: TabularModel, record: Record, allowed: Mapping[str, Range], before: float, label: str
) -> dict[str, Any]:
    """`up` and `down`: each the best change of every field that moves the output that way, the strongest first, and
    the best `pair`, where it does more than any single one."""
    singles = _asked(model, record, [{name: value} for name, one in allowed.items() for value in _values(one)], label)
    found: dict[str, Any] = {}
    for way, sign in (("up", 1.0), ("down", -1.0)):
        strongest: dict[str, Tried] = {}
        for changes, after in singles:
            (name,) = changes
            if sign * (after - before) > 0 and (name not in strongest or sign * after > sign * strongest[name][1]):
                strongest[name] = changes, after
        order = sorted(strongest.values(), key=lambda one: (-sign * one[1], str(one[0])))
        found[way] = {
            "single": [_told(record, one, before) for one in order[:MOST_TOLD]],
            "pair": _pair(model, record, allowed, order, before, label, sign),
        }
    return found


def _values(one: Range) -> Sequence[Any]:
    return one.values[:MOST_VALUES]


def _asked(model: TabularModel, record: Record, tried: list[dict[str, Any]], label: str) -> list[Tried]:
    """Those that the model takes, in order."""
    answers = model.answers([{**record, **changes} for changes in tried], explain=False) if tried else []
    good = [c for c, answer in zip(tried, answers, strict=True) if not isinstance(answer, RecordInvalid)]
    X, _, _ = model.encoder.encode_many([{**record, **changes} for changes in good])
    return list(zip(good, scores(model, X, label)[:, 1].tolist(), strict=True)) if good else []


def _pair(
    model: TabularModel, record: Record, allowed: Mapping[str, Range], singles: list[Tried], before: float, label: str,
    sign: float,
) -> dict[str, Any] | None:  # fmt: skip
    """None where no two fields do more than one."""
    alone = [next(iter(changes)) for changes, _ in singles]
    names = [*alone, *(name for name in allowed if name not in alone)]
    tried: list[dict[str, Any]] = []
    for one, other in sorted(combinations(range(len(names)), 2), key=sum):
        first, second = names[one], names[other]
        more = [{first: a, second: b} for a in _values(allowed[first]) for b in _values(allowed[second])]
        if len(tried) + len(more) <= MOST_PAIR_ROWS:
            tried += more
    found = _asked(model, record, tried, label)
    top = max(found, key=lambda one: (sign * one[1], str(one[0])), default=None)
    least = sign * singles[0][1] if singles else sign * before
    return _told(record, top, before) if top is not None and sign * top[1] > least else None


def _told(record: Record, one: Tried, before: float) -> dict[str, Any]:
    changes, after = one
    lines = [{"field": name, "before": record.get(name), "after": value} for name, value in changes.items()]
    return {"changes": lines, "after": after, "difference": after - before}


__all__ = ["best"]
