"""Why two models say different things of one record: the difference of their exact effects, field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ml_services.base import Model, Record
from ml_services.card import rounded

if TYPE_CHECKING:
    from ml_services.tabular import TabularModel

MOST_REASONS = 5
Effects = tuple[float, dict[str, float]]
"""The base value of the raw score, and what each field adds to it."""


def differences(records: Sequence[Record], present: Model, candidate: Model) -> list[dict[str, Any]]:
    """Of each record, which both models answer: the fields whose effects differ most (`reasons`), where both models add
    up their raw score by field; else both lists of reasons as the models give them."""
    if not records:
        return []
    one, other = by_field(records, present), by_field(records, candidate)
    if one is not None and other is not None:
        return [{"reasons": _changed(*pair)} for pair in zip(records, one, other, strict=True)]
    both = zip(present.answers(records, explain=True), candidate.answers(records, explain=True), strict=True)
    return [{"serving_reasons": _reasons(left), "candidate_reasons": _reasons(right)} for left, right in both]


def by_field(records: Sequence[Record], model: Model) -> list[Effects] | None:
    """Base and effects of each record on the raw score; None for a model that is no sum over fields, or of several
    outputs, or where a record does not fit."""
    encoder, scorer = getattr(model, "encoder", None), getattr(model, "scorer", None)
    if encoder is None or scorer is None or scorer.n_outputs != 1:
        return None
    tabular: TabularModel = model  # type: ignore[assignment]
    X, _, problems = tabular.encoder.encode_many(records)
    if problems:
        return None
    base, effects = tabular.scorer.effects(X)
    names = [field.name for field in tabular.fields]
    rows = tabular.reasons.by_field(effects).tolist()
    return [(float(base), dict(zip(names, row, strict=True))) for row in rows]


def _changed(record: Mapping[str, Any], one: Effects, other: Effects) -> list[dict[str, Any]]:
    names = list(dict.fromkeys([*one[1], *other[1]]))
    gaps = {name: other[1].get(name, 0.0) - one[1].get(name, 0.0) for name in names}
    strongest = sorted(names, key=lambda name: -abs(gaps[name]))[:MOST_REASONS]
    return [
        {
            "feature": name,
            "value": record.get(name),
            "serving_effect": rounded(one[1].get(name)),
            "candidate_effect": rounded(other[1].get(name)),
            "difference": rounded(gaps[name]),
        }
        for name in strongest
        if gaps[name]
    ]


def _reasons(answer: Any) -> list[dict[str, Any]]:
    return list(answer.get("reasons", ())) if isinstance(answer, dict) else []


__all__ = ["Effects", "by_field", "differences"]
