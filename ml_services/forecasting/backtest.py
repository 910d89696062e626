"""The rolling-origin back-test: where to stand, and how far each method was off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml_services.forecasting.methods import Problem, forecasts
from ml_services.forecasting.seasonal import Floats

ORIGINS = 12
STRIDES = 4
"""Origins a horizon: neighbouring windows overlap by three quarters, which gives errors at every step."""
LEAST_KNOWN = 4
"""Values before the first origin: fewer do not make a line and its scatter."""
USUAL_KNOWN = 10
LEAST_ORIGINS = 3


@dataclass(frozen=True, slots=True)
class Backtest:
    """`ahead` (1 + origins, steps) by method: row 0 is the forecast itself, the others stand at earlier origins.
    `actual` is as large, NaN where the future was not yet known (all of row 0)."""

    problem: Problem
    ahead: dict[str, Floats]
    actual: Floats

    @property
    def windows(self) -> int:
        return len(self.problem.origins) - 1

    def error(self, ahead: Floats) -> float:
        """Mean absolute error over all windows and steps; NaN without any."""
        miss = np.abs(ahead - self.actual)[1:]
        return float(np.nanmean(miss)) if self.windows else float("nan")


def earlier_origins(count: int, season: int, steps: int) -> list[int]:
    """Up to ORIGINS numbers of known values to forecast from, longest first; two seasons known where they can be."""
    least = max(LEAST_KNOWN, min(USUAL_KNOWN, count // 2))
    if season > 1 and count - (2 * season + 1) >= max(STRIDES, steps // 2):
        least = max(least, 2 * season + 1)
    stride = -(-steps // STRIDES)
    origins = list(range(count - 1, least - 1, -stride))[:ORIGINS]
    if len(origins) < LEAST_ORIGINS and count > least:
        places = np.linspace(least, count - 1, min(ORIGINS, count - least))
        origins = sorted({round(place) for place in places}, reverse=True)
    return origins if len(origins) >= LEAST_ORIGINS else []


def run(values: Floats, season: int, steps: int) -> Backtest:
    origins = np.array([len(values), *earlier_origins(len(values), season, steps)])
    problem = Problem(values, origins, season, steps)
    actual = np.full((len(origins), steps), np.nan)
    for row, origin in enumerate(origins):
        future = values[origin : origin + steps]
        actual[row, : len(future)] = future
    return Backtest(problem, forecasts(problem), actual)
