"""A blend of the families' best: a weighted sum of raw scores, weights >= 0 (stacking, Wolpert 1992; Breiman 1996).

It is one more candidate and must earn its place: it answers more slowly than one model. It is taken only where it
lowers the out-of-fold loss by more than the noise of that comparison, with few members.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ml_services.calibration import CHECK_FOLDS, Softmax, log_loss
from ml_services.families import Floats, Problem, Trial
from ml_services.judging import calibrate_trial, judged_rows

LEAST_RELATIVE_GAIN = 0.002
"""Of the best member's loss."""
LEAST_STANDARD_ERRORS = 1.0
LEAST_SHARE = 0.08
"""A member with a smaller part of the blend's spread is left out."""
MOST_MEMBERS = 3
RIDGE_ROWS = 5.0


def blend(problem: Problem, trials: Sequence[Trial], seed: int) -> Trial | None:
    """A trial with `extra` {"members": trials, "weights": floats}, or None where none is worth having."""
    members = list(trials[: MOST_MEMBERS + 1])
    if len(members) < 2:
        return None
    rows = np.flatnonzero(np.logical_and.reduce([judged_rows(t) for t in members]))
    part = problem.part(rows)
    while True:
        raws = np.stack([t.raw[rows] for t in members])
        weights = _weights(part, raws)
        spread = weights * np.array([raw.std() for raw in raws])
        share = spread / spread.sum()
        weakest = int(share.argmin())
        if share[weakest] >= LEAST_SHARE and len(members) <= MOST_MEMBERS:
            break
        if len(members) == 2:
            return None
        del members[weakest]
    crossed = _crossed(part, raws, seed)
    best = members[int(np.argmin([t.loss for t in members]))]
    if not _earned(part, crossed, best.raw[rows], seed):
        return None
    raw = np.full_like(members[0].raw, np.nan)
    raw[rows] = np.tensordot(weights, raws, axes=1)
    extra: dict[str, Any] = {"members": members, "weights": [float(w) for w in weights]}
    params = {t.family: round(float(w), 4) for t, w in zip(members, weights, strict=True)}
    trial = Trial("blend", params, 0, raw, sum(t.seconds for t in members), extra=extra)
    trial.loss = calibrate_trial(part, crossed, seed)[2]
    return trial


def _loss_and_slope(problem: Problem, raws: Floats, weights: Floats) -> tuple[float, Floats]:
    """Mean loss of the weighted raw scores and its gradient by weight."""
    raw = np.tensordot(weights, raws, axes=1)
    if problem.task == "classes":
        said = Softmax((0.0,) * raw.shape[1]).many(raw)
        wrong = said - np.eye(raw.shape[1])[problem.y.astype(np.int64)]
        return log_loss(problem.y, said), np.tensordot(raws, wrong, axes=([1, 2], [0, 1])) / len(raw)
    if problem.task == "value":
        value: Floats = np.exp(raw)
        loss = 2.0 * (problem.y / np.sqrt(value) + np.sqrt(value)).mean()
        return float(loss), raws @ (np.sqrt(value) - problem.y / np.sqrt(value)) / len(raw)
    wrong = 1.0 / (1.0 + np.exp(-np.clip(raw, -700, 700))) - problem.y
    return float((np.logaddexp(0, raw) - problem.y * raw).mean()), raws @ wrong / len(raw)


def _weights(problem: Problem, raws: Floats) -> Floats:
    """The weights >= 0 of least loss, with a light ridge towards equal ones."""
    from scipy.optimize import minimize

    start = np.full(len(raws), 1.0 / len(raws))
    strength = RIDGE_ROWS / len(problem.y)

    def loss(weights: Floats) -> tuple[float, Floats]:
        value, slope = _loss_and_slope(problem, raws, weights)
        away = weights - start
        return value + 0.5 * strength * float(away @ away), slope + strength * away

    found: Floats = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * len(raws)).x
    return found


def _crossed(problem: Problem, raws: Floats, seed: int) -> Floats:
    """Blended raw scores, each with weights from the other rows."""
    fold = np.random.default_rng(seed + 1).permutation(len(problem.y)) % CHECK_FOLDS
    raw = np.empty_like(raws[0])
    for k in range(CHECK_FOLDS):
        weights = _weights(problem.part(np.flatnonzero(fold != k)), raws[:, fold != k])
        raw[fold == k] = np.tensordot(weights, raws[:, fold == k], axes=1)
    return np.asarray(raw)


def _earned(problem: Problem, blended: Floats, best: Floats, seed: int) -> bool:
    _, with_blend, loss_blend = calibrate_trial(problem, blended, seed)
    _, with_best, loss_best = calibrate_trial(problem, best, seed)
    if loss_best - loss_blend < LEAST_RELATIVE_GAIN * abs(loss_best):
        return False
    gains = _row_losses(problem, with_best) - _row_losses(problem, with_blend)
    return bool(gains.mean() > LEAST_STANDARD_ERRORS * gains.std() / math.sqrt(len(gains)))


def _row_losses(problem: Problem, said: Floats) -> Floats:
    if problem.task == "value":
        return np.asarray(2.0 * (problem.y / np.sqrt(said) + np.sqrt(said)))
    if problem.task == "classes":
        chosen = said[np.arange(len(said)), problem.y.astype(np.int64)]
    else:
        chosen = np.where(problem.y == 1, said, 1.0 - said)
    return np.asarray(-np.log(np.clip(chosen, 1e-15, 1.0)))
