"""How good answers proved, in the figures that the model card promised them in. Each function takes the reported rows
of one version, or of one month of it, as columns; what too few rows cannot tell is unknown, and says what it needs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ml_services import evaluation
from ml_services.calibration import log_loss
from ml_services.scoreboard.intervals import NORMAL_95, figure, share, spiegelhalter, unknown
from ml_services.scoreboard.series import forecasts

Floats = npt.NDArray[np.float64]
Columns = Mapping[str, Floats]
Figures = dict[str, dict[str, Any]]

LEAST_EACH = 10
"""Of the rarer side, for a ranking: below it a model is not trained either (evidence levels, docs/MODELS.md)."""
LEAST_ROWS = 30
"""For a mean error or a calibration; below it, a figure would be chance."""


def yes_no(columns: Columns, classes: Sequence[str]) -> Figures:
    """Discrimination and calibration of chances."""
    came, said = columns["came"], columns["said"]
    found = {"roc_auc": _auc(evaluation.one_vs_rest(came, said), came)}
    z = spiegelhalter(came, said) if len(came) >= LEAST_ROWS else None
    found |= _calibration(came, said)
    found["spiegelhalter_z"] = figure(z[0], len(came)) if z else _more_rows(len(came))
    found["spiegelhalter_p"] = figure(z[1], len(came)) if z else _more_rows(len(came))
    return found


def named_classes(columns: Columns, classes: Sequence[str]) -> Figures:
    """The same of classes; an outcome of a name that was never offered was answered wrongly, and is not in the figures
    of the chances."""
    came, said = columns["came"], chances(columns, classes)
    hits = float((said.argmax(axis=1) == came).sum()) if len(came) and len(classes) else 0.0
    known = came >= 0
    came, said = came[known], said[known]
    pairs = evaluation.one_vs_rest(came, said)
    each = min((min(truth.sum(), len(truth) - truth.sum()) for truth, _ in pairs), default=0)
    auc = _auc(pairs, came, rarer=int(each))
    return {"accuracy": share(hits, len(columns["came"])), "roc_auc": auc, **_calibration(came, said)}


def amounts(columns: Columns, classes: Sequence[str]) -> Figures:
    """Errors, totals, ranking and how many came within their interval."""
    came, said, low, high = (columns[name] for name in ("came", "said", "low", "high"))
    rows, stated = len(came), ~(np.isnan(low) | np.isnan(high))
    inside = float(((low <= came) & (came <= high))[stated].sum())
    found: Figures = {"interval_coverage": share(inside, int(stated.sum()))}
    if rows < LEAST_ROWS:
        return found | {name: _more_rows(rows) for name in ("mae", "spearman", "total_ratio")}
    made = evaluation.value_figures(came, said, low, high)
    miss, total = np.abs(came - said), float(came.sum())
    half = NORMAL_95 * float(miss.std(ddof=1)) / math.sqrt(rows)
    found["mae"] = figure(made["mae"], rows, low=max(made["mae"] - half, 0.0), high=made["mae"] + half)
    varied = np.ptp(came) > 0 < np.ptp(said)
    found["spearman"] = figure(made["spearman"], rows) if varied else unknown(rows, "amounts that differ")
    found["total_ratio"] = figure(made["total_ratio"], rows) if total > 0 else unknown(rows, "an amount above 0")
    return found


def hits(columns: Columns, classes: Sequence[str]) -> Figures:
    """Share answered rightly."""
    return {"accuracy": share(float(columns["came"].sum()), len(columns["came"]))}


def tags(columns: Columns, classes: Sequence[str]) -> Figures:
    """Share of texts whose tags were exactly right, and F1 over all tags."""
    same, told, known = columns["came"], columns["told"], columns["known"]
    exact, total = float(((same == told) & (same == known)).sum()), float(np.nansum(told) + np.nansum(known))
    f1 = figure(2 * float(same.sum()) / total, len(same)) if total else unknown(len(same), "1 tag")
    return {"accuracy": share(exact, len(same)), "micro_f1": f1}


def chances(columns: Columns, classes: Sequence[str]) -> Floats:
    """(n, classes): what was said of each; a class that a version does not know has no chance."""
    if not classes:
        return np.zeros((len(columns["came"]), 0))
    return np.nan_to_num(np.column_stack([columns[f"said_{place}"] for place in range(len(classes))]))


def _auc(pairs: list[tuple[Floats, Floats]], came: Floats, rarer: int | None = None) -> dict[str, Any]:
    fewest = int(min(came.sum(), len(came) - came.sum())) if rarer is None else rarer
    if not pairs or fewest < LEAST_EACH:
        return unknown(len(came), f"{LEAST_EACH} outcomes of each kind; of the rarer there are {fewest}")
    low, high = evaluation.auc_interval(pairs)
    area = float(np.mean([evaluation.roc_auc(truth, score) for truth, score in pairs]))
    return figure(area, len(came), low=low, high=high)


def _calibration(came: Floats, said: Floats) -> Figures:
    rows = len(came)
    if rows < LEAST_ROWS:
        return {name: _more_rows(rows) for name in ("brier", "log_loss", "ece")}
    inside = np.clip(said, evaluation.SMALLEST_PROBABILITY, 1 - evaluation.SMALLEST_PROBABILITY)
    return {
        "brier": figure(evaluation.brier(came, said), rows),
        "log_loss": figure(float(log_loss(came, inside)), rows),
        "ece": figure(evaluation.calibration_error(*evaluation.confidence_and_hit(came, said)), rows),
    }


def _more_rows(rows: int) -> dict[str, Any]:
    return unknown(rows, f"{LEAST_ROWS} outcomes; there are {rows}")


BY_TASK: Mapping[str, Callable[[Columns, Sequence[str]], Figures]] = {
    "binary": yes_no,
    "classes": named_classes,
    "value": amounts,
    "cluster": hits,
    "polarity": hits,
    "tags": tags,
    "series": forecasts,
}

__all__ = ["BY_TASK", "LEAST_EACH", "LEAST_ROWS", "chances"]
