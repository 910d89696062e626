"""What the best single column would do alone: the rule a person could follow with a table of shares, that a model must
beat. Judged on the rows that judge the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ml_services.evaluation import classification_figures, value_figures
from ml_services.families import Floats, Fold, Problem
from ml_services.leakage import bin_means, columns_of
from ml_services.splitting import Split
from ml_services.value_calibration import amount_losses

NO_FIGURES = ("roc_auc_low", "roc_auc_high", "interval_coverage")
"""The rule has no interval of its own."""


def single_column_rule(problem: Problem, split: Split, column: str) -> Mapping[str, Any]:
    """The figures of answering with the mean target of the column's bin or level, learned from the rows that taught
    the model. Of a date or a text, the part that does best among those rows."""
    features = columns_of(problem)[column]
    best = features[0]
    if len(features) > 1:
        best = min(features, key=lambda feature: _loss(problem, feature, split.folds))
    folds = [(split.development, split.holdout)] if len(split.holdout) else split.folds
    y, said = _judged(problem, best, folds)
    made = value_figures(y, said, said, said) if problem.task == "value" else classification_figures(y, said)
    return {"column": column} | {name: value for name, value in made.items() if name not in NO_FIGURES}


def _judged(problem: Problem, feature: int, folds: tuple[Fold, ...] | list[Fold]) -> tuple[Floats, Floats]:
    """Truth and what the rule says of the rows judged: (n,), (n, K) for classes."""
    truth = np.eye(problem.n_classes)[problem.y.astype(np.int64)] if problem.task == "classes" else problem.y[:, None]
    said = bin_means(problem, feature, truth, folds)
    rows = np.flatnonzero(np.isfinite(said).all(axis=1))
    return problem.y[rows], said[rows] if problem.task == "classes" else said[rows, 0]


def _loss(problem: Problem, feature: int, folds: tuple[Fold, ...]) -> float:
    y, said = _judged(problem, feature, folds)
    if problem.task == "value":
        return float(amount_losses(y, said).mean())
    return classification_figures(y, said)["log_loss"]


__all__ = ["single_column_rule"]
