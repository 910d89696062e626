"""Whether a challenger's chances can still be taken at their word.

Three looks, of which one must be well: (1) its calibration error is no larger than what as many rows show of a model
that says the truth (outcomes drawn from its own chances: consistency resampling, Bröcker and Smith, Weather and
Forecasting 2007); (2) it is too small to matter, which on many rows is no longer "not significant"; (3) it is not
surely larger than the champion's on the same rows, since what a changed world does to both is no reason to keep the
older. Labels: each chance of each is a yes/no of its own. Amounts: the total said over the total that came, by (2)
and (3).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ml_services.champions.resampling import TAIL, Floats, draws
from ml_services.evaluation import BINS, calibration_error, confidence_and_hit

SIMULATED = 400
RARE = 0.99
"""Quantile of the error of a model that says the truth; beyond it is no chance any more."""
SMALL_ERROR = 0.02
SMALL_TOTAL = 0.1
"""Of an amount's total."""
MOST_ROWS = 20_000
"""Looked at: with more, an error too small to matter would count as sure."""


def check(task: str, y: Floats, champion: Floats, challenger: Floats, seed: int) -> dict[str, Any]:
    """{champion, challenger, holds, expected}: the calibration error of both, what chance alone would show."""
    if y.ndim == 2:
        y, champion, challenger = y.ravel(), champion.ravel(), challenger.ravel()
    rows = np.sort(np.random.default_rng(seed).permutation(len(y))[:MOST_ROWS])
    y, champion, challenger = y[rows], champion[rows], challenger[rows]
    if task == "value":
        return _totals(y, champion, challenger, seed)
    said, hit = confidence_and_hit(y, challenger)
    before, hit_before = confidence_and_hit(y, champion)
    error, error_before = calibration_error(said, hit), calibration_error(before, hit_before)
    expected = chance_error(said, seed)
    holds = error <= max(expected, SMALL_ERROR) or not _surely_larger(
        (said - hit, _bins(said)), (before - hit_before, _bins(before)), y, seed
    )
    return {"champion": error_before, "challenger": error, "holds": bool(holds), "expected": expected}


def chance_error(said: Floats, seed: int) -> float:
    """The calibration error that 99 in 100 models saying the truth would stay below on so many rows."""
    rng, bins = np.random.default_rng(seed), _bins(said)
    drawn = [calibration_of(said - (rng.random(len(said)) < said), bins) for _ in range(SIMULATED)]
    return float(np.quantile(drawn, RARE))


def calibration_of(gaps: Floats, bins: Floats) -> float:
    """`evaluation.calibration_error` of gaps (said minus came) and their bins as indicators (n, bins)."""
    return float(np.abs(gaps @ bins).sum() / len(gaps))


def _bins(said: Floats) -> Floats:
    index = np.clip((said * BINS).astype(np.int64), 0, BINS - 1)
    return np.asarray(np.eye(BINS)[index])


def _surely_larger(mine: tuple[Floats, Floats], its: tuple[Floats, Floats], y: Floats, seed: int) -> bool:
    """By the paired bootstrap: whether the error of the first is larger in all but a fortieth of the draws."""
    gaps = []
    for weights in draws(y.astype(np.int64), seed):
        one, other = (np.abs((weights * gap) @ bins).sum(axis=1) / len(y) for gap, bins in (mine, its))
        gaps.append(one - other)
    return bool(np.quantile(np.concatenate(gaps), TAIL) > 0)


def _totals(y: Floats, champion: Floats, challenger: Floats, seed: int) -> dict[str, Any]:
    came = max(float(y.sum()), 1e-300)
    before, now = float(champion.sum()) / came, float(challenger.sum()) / came
    holds = abs(now - 1.0) <= SMALL_TOTAL
    if not holds:
        gaps = []
        for weights in draws((y > 0).astype(np.int64), seed):
            total = np.maximum(weights @ y, 1e-300)
            gaps.append(np.abs(weights @ challenger / total - 1) - np.abs(weights @ champion / total - 1))
        holds = not np.quantile(np.concatenate(gaps), TAIL) > 0
    return {"champion": before, "challenger": now, "holds": bool(holds), "expected": 1.0}


__all__ = ["chance_error", "check"]
