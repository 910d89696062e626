"""What the model card says of segments."""

from __future__ import annotations

from typing import Any

import numpy as np

from ml_services.base import Predictor, TrainingData, TrainingOptions
from ml_services.card import library_versions, rounded
from ml_services.columns import ColumnReport
from ml_services.segmentation.model import SegmentModel
from ml_services.segmentation.search import STABLE, Tried
from ml_services.segmentation.space import Floats


def make_card(
    predictor: Predictor,
    data: TrainingData,
    options: TrainingOptions,
    reports: list[ColumnReport],
    model: SegmentModel,
    tried: list[Tried],
    taken: tuple[int, str],
    Z: Floats,
) -> dict[str, Any]:
    """JSON-ready; `version`, `evidence` and `seconds` are filled in later."""
    k, how = taken
    mine = next((one for one in tried if one.k == k), None)
    metrics = {"k": k, "silhouette": mine.silhouette if mine else None, "stability": mine.stability if mine else None,
               "smallest_share": min(segment.share for segment in model.segments)}  # fmt: skip
    card = {
        "predictor": predictor.name,
        "version": None,
        "evidence": None,
        "data": {"name": data.name, "rows": data.table.num_rows, "columns": data.table.num_columns,
                 "sha256": data.sha256},
        "target": {"name": "", "task": "cluster", "labels": [], "left_out": 0},
        "class_balance": None,
        "columns": [{"name": r.name, "kind": r.kind, "used": r.used, "reason": r.reason} for r in reports],
        "champion": f"k-means, k={k}",
        "candidates": [
            {"name": f"k-means, k={one.k}", "fit_s": one.fit_s,
             "metrics": {"silhouette": one.silhouette, "stability": one.stability, "smallest_share": one.smallest}}
            for one in tried
        ],
        "holdout": {"rows": 0, "split": "all rows: there is no target; stability is over bootstrap samples"},
        "metrics": metrics,
        "guessing": {},
        "single_column_rule": {},
        "calibration_table": [],
        "segments": [_segment(model, place) for place in range(k)],
        "strongest_features": _strongest(model, Z),
        "excluded": [],
        "asked_about": [],
        "seconds": None,
        "seed": options.seed,
        "libraries": library_versions(),
        "notes": [*data.notes, *_notes(model, metrics, how)],
    }  # fmt: skip
    return dict(rounded(card))


def _segment(model: SegmentModel, place: int) -> dict[str, Any]:
    segment = model.segments[place]
    centre = {
        axis.field: axis.undo(at)
        for axis, at in zip(model.space.axes, segment.centre, strict=True)
        if axis.level < 0
    }  # fmt: skip
    return {"id": segment.id, "persona": segment.persona, "description": segment.description,
            "share": segment.share, "centre": centre}  # fmt: skip


def _strongest(model: SegmentModel, Z: Floats) -> list[dict[str, Any]]:
    """Share of the variance between segments that each column carries."""
    best, _, _ = model.nearest(Z)
    centres = np.array([segment.centre for segment in model.segments])[best]
    variance: dict[str, float] = {}
    for axis, part in zip(model.space.axes, centres.var(axis=0).tolist(), strict=True):
        variance[axis.field] = variance.get(axis.field, 0.0) + part
    total = sum(variance.values()) or 1.0
    ranked = sorted(variance.items(), key=lambda item: -item[1])
    return [{"feature": name, "effect": part / total} for name, part in ranked]


def _notes(model: SegmentModel, metrics: dict[str, Any], how: str) -> list[str]:
    notes = [f"{metrics['k']} segments: {how}."]
    if metrics["stability"] is not None and metrics["stability"] < STABLE:
        notes.append("Weak structure: other samples of the same customers would be cut elsewhere.")
    logged = [axis.field for axis in model.space.axes if axis.unit]
    if logged:
        notes.append(f"On a logarithmic scale, being skewed: {', '.join(logged)}.")
    return [*notes, *(f"{s.id} {s.persona} ({s.share:.0%}): {s.description}" for s in model.segments)]


__all__ = ["make_card"]
