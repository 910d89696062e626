"""Logistic regression on readable parts: each number as a piecewise-linear curve, each category as a table.

Numbers are not always straight: hat functions at quantile knots (a linear spline, Eilers and Marx 1996, without the
smoothing across knots) let the ridge decide how far each bends. Everything stays additive by feature, so effects are
exact. Beyond the range seen, a curve stays flat.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ml_services.families import Family, Floats, Fold, Params, Problem
from ml_services.scale_out import spread
from ml_services.scorers import AdditiveScorer, Curve, Levels, Scorer

MOST_ROUNDS = 300
FEW_ROWS = 2000
"""Below this, straighter lines and more ridge are tried."""
MOST_DESIGN_CELLS = 4e7
"""Rows x weights learned from at most (320 MB); of more rows a random part is taken."""
TOLERANCE = 1e-4
SMALLEST_SCALE = 0.05
"""Rare levels are not blown up to the spread of common ones: the ridge then holds them closer to zero."""
WIDEST_NEWTON = 400
"""Up to so many weights Newton steps are quicker than gradient ones."""


@dataclass(frozen=True)
class _Column:
    """How one feature becomes columns of the design: `knots` of a number (two: a straight line), or levels."""

    feature: int
    knots: Floats | None
    levels: int
    start: int
    width: int


class Logistic(Family):
    """Ridge logistic regression."""

    name = "logistic_regression"
    title = "logistic regression"
    cost = 1.5

    def settings(self, problem: Problem) -> list[dict[str, Any]]:
        few = len(problem.y) < FEW_ROWS
        bends, strengths = ((2, 5), (0.1, 1.0, 0.02, 0.004)) if few else ((6, 12, 2), (0.1, 0.02, 1.0))
        return [{"knots": k, "C": c} for c in strengths for k in bends]

    def judge(self, problem: Problem, params: Params, folds: Sequence[Fold], seed: int) -> tuple[int, list[Floats]]:
        return 0, spread(partial(self._fold, dict(params), seed), problem, folds)

    def _fold(self, params: Params, seed: int, problem: Problem, fold: Fold) -> Floats:
        learned, judged = fold
        return self.learn(problem.part(learned), params, 0, seed).raw(problem.X[judged])

    def most_rows(self, problem: Problem, params: Params) -> int:
        return min(len(problem.y), self._most(_plan(problem, int(params["knots"]))))

    def _most(self, columns: list[_Column]) -> int:
        return int(MOST_DESIGN_CELLS // (columns[-1].start + columns[-1].width))

    def learn(self, problem: Problem, params: Params, rounds: int, seed: int) -> Scorer:
        from sklearn.linear_model import LogisticRegression

        columns = _plan(problem, int(params["knots"]))
        most = self._most(columns)
        if len(problem.y) > most:
            problem = problem.part(np.sort(np.random.default_rng(seed).permutation(len(problem.y))[:most]))
        design = _design(problem, columns)
        center, scale = design.mean(axis=0), np.maximum(design.std(axis=0), SMALLEST_SCALE)
        narrow = design.shape[1] * problem.n_outputs <= WIDEST_NEWTON
        model = LogisticRegression(
            C=params["C"], max_iter=MOST_ROUNDS, tol=TOLERANCE, solver="newton-cholesky" if narrow else "lbfgs"
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # not converged within MOST_ROUNDS is judged like any other setting
            design -= center
            design /= scale
            model.fit(design, problem.y)
        weights = model.coef_ / scale
        base = model.intercept_ - weights @ center
        return AdditiveScorer(_parts(columns, weights), base, problem.X)


def _plan(problem: Problem, knots: int) -> list[_Column]:
    columns, start = [], 0
    for k, feature in enumerate(problem.features):
        if feature.kind == "category":
            column = _Column(k, None, len(feature.levels), start, len(feature.levels) + 1)
        else:
            places = _knots(problem.X[:, k], knots)
            column = _Column(k, places, 0, start, len(places))
        columns.append(column)
        start += column.width
    return columns


def _knots(values: Floats, count: int) -> Floats:
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return np.array([0.0])
    return np.unique(np.quantile(known, np.linspace(0.005, 0.995, count), method="nearest"))


def _design(problem: Problem, columns: list[_Column]) -> Floats:
    """(n, p). A number: rising parts between knots (so that two knots are a straight line), then a missing flag."""
    total = columns[-1].start + columns[-1].width
    design = np.zeros((len(problem.X), total))
    for column in columns:
        values = problem.X[:, column.feature]
        missing = ~np.isfinite(values)
        end = column.start + column.width - 1
        design[missing, end] = 1.0
        if column.knots is None:
            rows = np.flatnonzero(~missing)
            design[rows, column.start + values[rows].astype(np.int64)] = 1.0
            continue
        for j in range(len(column.knots) - 1):
            low, high = column.knots[j], column.knots[j + 1]
            design[:, column.start + j] = np.where(missing, 0.0, np.clip((values - low) / (high - low), 0.0, 1.0))
    return design


def _parts(columns: list[_Column], weights: Floats) -> list[Curve | Levels]:
    parts: list[Curve | Levels] = []
    for column in columns:
        own = weights[:, column.start : column.start + column.width]
        if column.knots is None:
            parts.append(Levels(own[:, :-1], own[:, -1]))
        else:
            heights = np.concatenate([np.zeros((len(own), 1)), np.cumsum(own[:, :-1], axis=1)], axis=1)
            parts.append(Curve(column.knots, heights, own[:, -1]))
    return parts
