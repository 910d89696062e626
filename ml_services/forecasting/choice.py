"""Which forecast to give: the combination of the methods, or the middle of it and seasonal naive, if that beat
seasonal naive in the back-test; else naive.

Simple combinations beat picking the best: the choice among methods by a short back-test is mostly noise (Bates &
Granger 1969; Makridakis et al., The M4 competition, Int. J. Forecasting 36, 2020).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ml_services.forecasting.backtest import Backtest
from ml_services.forecasting.methods import NAIVE
from ml_services.forecasting.seasonal import Floats

SHARED = "boosting over all series"
WITHIN = 3.0
"""Methods with a back-test error above this many times the best one's stay out of the combination."""
PRIOR_WINDOWS = 6
"""The back-test windows that a prior from many series counts for."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`ahead` (1 + origins, steps) of the chosen forecast; `weights` of its methods; `disagreement`, as large: the
    median distance of the methods from it; errors are mean absolute ones of the back-test."""

    ahead: Floats
    weights: dict[str, float]
    disagreement: Floats
    error: float
    naive_error: float
    beats_naive: bool

    def joined(self, shared: Floats, share: float) -> Choice:
        """The same with a forecast of the booster of many series in it, by its share; errors stay as they were."""
        if not share:
            return self
        ahead = self.ahead.copy()
        ahead[0] = (1 - share) * ahead[0] + share * shared
        weights = {SHARED: share, **{name: weight * (1 - share) for name, weight in self.weights.items()}}
        return replace(self, ahead=ahead, weights=dict(sorted(weights.items(), key=lambda item: -item[1])))


def choose(backtest: Backtest, prior: Mapping[str, float] | None = None) -> Choice:
    """`prior`: each method's usual error relative to naive's, learned over many series."""
    naive_ahead = backtest.ahead[NAIVE]
    naive_error = backtest.error(naive_ahead)
    if not backtest.windows:
        return Choice(naive_ahead, {NAIVE: 1.0}, np.zeros_like(naive_ahead), naive_error, naive_error, False)
    errors = {name: backtest.error(ahead) for name, ahead in backtest.ahead.items() if name != NAIVE}
    weights = combination(blended(errors, naive_error, backtest.windows, prior or {}))
    together = np.sum([weight * backtest.ahead[name] for name, weight in weights.items()], axis=0)
    apart = np.median([np.abs(backtest.ahead[name] - together) for name in weights], axis=0)
    halfway = {**{name: weight / 2 for name, weight in weights.items()}, NAIVE: 0.5}
    for ahead, shares in ((together, weights), ((together + naive_ahead) / 2, halfway)):
        error = backtest.error(ahead)
        if error < naive_error:
            return Choice(ahead, shares, apart, error, naive_error, True)
    return Choice(naive_ahead, {NAIVE: 1.0}, apart, naive_error, naive_error, False)


def combination(errors: Mapping[str, float]) -> dict[str, float]:
    """Weights inverse to the error, of the methods near the best, largest first."""
    floor = 1e-9 * max(errors.values()) + 1e-300
    best = min(errors.values())
    near = {name: 1.0 / max(error, floor) for name, error in errors.items() if error <= WITHIN * max(best, floor)}
    total = sum(near.values())
    return {name: near[name] / total for name in sorted(near, key=lambda name: -near[name])}


def blended(
    errors: Mapping[str, float], naive_error: float, windows: int, prior: Mapping[str, float]
) -> dict[str, float]:
    """Own back-test errors drawn towards what the methods usually score, on the log scale."""
    own = windows / (windows + PRIOR_WINDOWS)
    return {
        name: float(error**own * (prior[name] * naive_error) ** (1 - own))
        if name in prior and error > 0 and naive_error > 0
        else error
        for name, error in errors.items()
    }
