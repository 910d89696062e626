"""A blend of the families' best: a weighted sum of raw scores, weights >= 0 (stacking, Wolpert 1992; Breiman 1996).

It is one more candidate and must earn its place, since it answers more slowly than one model: with weights found on
other rows it has to lower the out-of-fold loss by more than the noise of that comparison, or, of one output, by so much
that it is worth having though it may be chance. (Measured on samples of 250 to 1,200 rows of public files: six yes/no
blends of large but uncertain gain lowered the loss on fresh rows by 2 % in the mean, one of them raised it; those of
several classes, which also cost most time, raised it by half a percent.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ml_services.calibration import CHECK_FOLDS, Softmax, log_loss
from ml_services.families import Floats, Problem, Trial
from ml_services.judging import Judgement, judge, paired_gain

LEAST_RELATIVE_GAIN, LARGE_RELATIVE_GAIN = 0.0005, 0.002
"""Of the best member's loss: less is not worth the time; so much is, sure or not."""
LEAST_STANDARD_ERRORS, LEAST_WITH_FEW_ROWS, FEW_ROWS = 1.0, 2.0, 2000
"""With few rows, weights found on the same rows flatter the blend more."""
LEAST_SHARE = 0.08
"""A member with a smaller part of the blend's spread is left out."""
MOST_MEMBERS = 3
RIDGE_ROWS = 20.0
"""Pulls the weights of members that are alike, which the rows cannot tell apart, together."""
MOST_ROWS = 20_000
"""Enough for a handful of weights."""


def blend(problem: Problem, trials: Sequence[Trial], seed: int) -> Trial | None:
    """A judged trial, or None where none is worth having. `trials` are judged, best first."""
    chosen = _members(problem, list(trials[: MOST_MEMBERS + 1]))
    if chosen is None:
        return None
    members, rows, raws, weights = chosen
    part, shape = problem.part(rows), members[0].raw
    crossed, blended = np.full_like(shape, np.nan), np.full_like(shape, np.nan)
    crossed[rows], blended[rows] = _crossed(part, raws, seed), np.tensordot(weights, raws, axes=1)
    judged, best = judge(problem, crossed, seed), min(members, key=lambda trial: trial.loss)
    if not _earned(judged, best.judgement, problem.n_outputs):
        return None
    named = {
        f"{place} {t.family}": round(float(w), 4) for place, (t, w) in enumerate(zip(members, weights, strict=True))
    }
    trial = Trial("blend", named, 0, blended, sum(t.seconds for t in members))
    trial.members = tuple((t, float(w)) for t, w in zip(members, weights, strict=True))
    trial.judgement, trial.loss = judged, judged.loss
    judged.raw, judged.calibrator = blended[rows], judge(problem, blended, seed).calibrator
    return trial


def _members(
    problem: Problem, members: list[Trial]
) -> tuple[list[Trial], npt.NDArray[np.int64], Floats, Floats] | None:
    """The trials that carry the blend, the rows that all judged, their raw scores (m, n…) and weights."""
    while len(members) > 1:
        rows = np.flatnonzero(
            np.logical_and.reduce([np.isin(np.arange(len(t.raw)), t.judgement.rows) for t in members])
        )
        raws = np.stack([t.raw[rows] for t in members])
        weights = _weights(problem.part(rows), raws)
        spread = weights * np.array([raw.std() for raw in raws])
        weakest = int(spread.argmin())
        if spread[weakest] >= LEAST_SHARE * spread.sum() and len(members) <= MOST_MEMBERS:
            return members, rows, raws, weights
        del members[weakest]
    return None


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

    if len(problem.y) > MOST_ROWS:
        problem, raws = problem.part(np.arange(MOST_ROWS)), raws[:, :MOST_ROWS]
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


def _earned(blended: Judgement, best: Judgement, outputs: int) -> bool:
    share = (best.loss - blended.loss) / abs(best.loss)
    if share < LEAST_RELATIVE_GAIN:
        return False
    if share >= LARGE_RELATIVE_GAIN and outputs == 1:
        return True
    gain, error = paired_gain(best, blended)
    return gain > (LEAST_WITH_FEW_ROWS if len(best.rows) < FEW_ROWS else LEAST_STANDARD_ERRORS) * error
