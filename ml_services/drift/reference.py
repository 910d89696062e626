"""What the serving version learned from, as bins to count a window in: by its manifest alone, no model is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ml_services import artifacts, registry
from ml_services.base import Field, Predictor
from ml_services.checking import yes_no_spellings
from ml_services.drift.bins import Bins, LevelBins, NumberBins, level_bins, number_bins
from ml_services.drift.limits import MOST_LEVELS
from ml_services.models import ModelVersion
from ml_services.spellings import CATEGORY_MISSING

PERSONAL = "says who somebody is: the ledger keeps no values of it"
NOT_KEPT = "the version was trained before counts were kept: train it again"
SCORES = {"binary": "probability", "value": "value", "classes": "probability", "polarity": "probability"}
"""Where an answer has its number, by the predictor's task."""
NAMES = ("classes", "cluster", "polarity")
"""Tasks whose answer's first output is a name."""
MOST_NAMES = 30
Ready = Callable[[Sequence[Any]], Sequence[Any]]


@dataclass(frozen=True)
class Column:
    """One field of the record: how its values are made ready for its bins."""

    field: str
    bins: Bins
    kind: str
    ready: Ready | None = None


@dataclass(frozen=True)
class Reference:
    """`rows` learned from; `left_out`: {field: why it is not looked at}; `score`, `names`: of the answers, on
    `answers` rows; `target`: what `training_quantiles` kept of what was learned."""

    version: ModelVersion
    predictor: Predictor
    rows: int = 0
    columns: tuple[Column, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    answers: int = 0
    score: NumberBins | None = None
    names: Bins | None = None
    target: Mapping[str, Any] = field(default_factory=dict)


def of(row: ModelVersion) -> Reference:
    """Raises ArtifactRefused where the version's artifact is gone."""
    place: dict[str, Any] = {"company_id": row.company_id, "predictor": row.predictor, "version": row.version}
    kept, fields = artifacts.quantiles(**place), artifacts.fields(**place)
    columns, left_out = _columns(kept, fields)
    predictor = registry.predictor(row.predictor)
    score = number_bins("score", kept["said"]) if kept.get("said") and predictor.task in SCORES else None
    named = kept.get("named") if predictor.task in NAMES else None
    names = level_bins("answer", named, MOST_NAMES) if named else None
    counted: Bins | None = score or names
    return Reference(
        version=row,
        predictor=predictor,
        rows=int(kept.get("rows", 0)),
        columns=tuple(columns),
        left_out=left_out,
        answers=int(counted.before.sum()) if counted else 0,
        score=score,
        names=names,
        target=kept.get("target", {}),
    )


def _columns(kept: Mapping[str, Any], fields: Sequence[Field]) -> tuple[list[Column], dict[str, str]]:
    features: dict[str, dict[str, Any]] = {}
    for name, one in (kept.get("features") or {}).items():
        features.setdefault(one["field"], {})[name] = one
    columns, left_out = [], {}
    for one in fields:
        own = features.get(one.name)
        if one.personal:
            left_out[one.name] = PERSONAL
        elif not own:
            left_out[one.name] = "the version keeps nothing of it to compare with"
        elif any("bins" not in part and "levels" not in part for part in own.values()):
            left_out[one.name] = NOT_KEPT
        else:
            columns.append(_column(one, own, int(kept["rows"])))
    return columns, left_out


def _column(one: Field, own: Mapping[str, Mapping[str, Any]], rows: int) -> Column:
    first = own.get(f"{one.name} (characters)") or next(iter(own.values()))
    missing = round(first["missing"] * rows)
    if "levels" in first:
        counts = {level: share * (rows - missing) for level, share in first["levels"].items()}
        return Column(one.name, level_bins(one.name, counts, MOST_LEVELS, missing=missing, blanks=one.missing), "level")
    if one.kind == "yes_no":
        return Column(one.name, _yes_no_bins(one, first["bins"], missing), "level")
    if one.kind == "text":
        return Column(
            one.name, number_bins(f"{one.name} (characters)", first["bins"], missing=missing), "text", lengths
        )
    if one.kind == "date":  # grows older by itself: only whether it is there can be compared
        there = {"edges": [], "counts": [rows - missing]}
        return Column(one.name, number_bins(f"{one.name} (is there)", there, missing=missing), "text", _there)
    return Column(one.name, number_bins(one.name, first["bins"], missing=missing, sentinels=one.missing), "number")


def _yes_no_bins(one: Field, kept: Mapping[str, Any], missing: float) -> LevelBins:
    known = sum(kept["counts"])
    yes = round((kept["mean"] or 0.0) * known)
    no_text, yes_text = yes_no_spellings(one)
    bins = level_bins(one.name, {no_text: known - yes, yes_text: yes}, 2, missing=missing, blanks=one.missing)
    for word, text in (("true", yes_text), ("false", no_text)):
        bins.known[word] = bins.levels.index(text)
    return bins


def lengths(values: Sequence[Any]) -> list[float | None]:
    """Characters of texts, None where there is none."""
    return [float(len(value)) if _known(value) else None for value in values]


def _there(values: Sequence[Any]) -> list[float | None]:
    return [1.0 if _known(value) else None for value in values]


def _known(value: Any) -> bool:
    return value is not None and value.strip().casefold() not in CATEGORY_MISSING


__all__ = ["NAMES", "SCORES", "Column", "Reference", "lengths", "of"]
