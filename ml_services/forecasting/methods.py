"""The competing methods, each forecasting from every origin of a back-test at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ml_services.forecasting.boosting import boosting
from ml_services.forecasting.lags import autoregression
from ml_services.forecasting.seasonal import Floats, Ints, Seasonality, is_seasonal, seasonality
from ml_services.forecasting.smoothing import grid, holt_winters, smooth
from ml_services.forecasting.theta import theta

NAIVE = "seasonal naive"
REACH = 5.0
"""A forecast may leave the range of the past by this many times that range; beyond, a method has run away."""


@dataclass
class Problem:
    """One series and the origins (values known, longest first) to forecast `steps` periods from."""

    values: Floats
    origins: Ints
    season: int
    steps: int

    @cached_property
    def positive(self) -> bool:
        return bool(self.values.min() > 0)

    @cached_property
    def seasonalities(self) -> list[Seasonality]:
        """The season as known at each origin; neutral where none stands out."""
        known = [self.values[:origin] for origin in self.origins]
        return [
            seasonality(part, self.season if is_seasonal(part, self.season) else 1, multiplicative=self.positive)
            for part in known
        ]

    @cached_property
    def adjusted(self) -> Floats:
        """(origins, n) without the season, zeros beyond the origin."""
        rows = np.zeros((len(self.origins), len(self.values)))
        for row, (origin, pattern) in enumerate(zip(self.origins, self.seasonalities, strict=True)):
            rows[row, :origin] = pattern.remove(self.values[:origin])
        return rows

    def reseason(self, ahead: Floats) -> Floats:
        parts = zip(ahead, self.origins, self.seasonalities, strict=True)
        return np.array([pattern.put_back(row, int(origin)) for row, origin, pattern in parts])

    def on_logs(self, method: Callable[[Floats], Floats | None]) -> Floats | None:
        """`method` on the logarithms where the series is positive, as multiplicative effects want."""
        if not self.positive:
            return method(self.values)
        ahead = method(np.log(self.values))
        top = np.log(self.values.max()) + REACH
        return None if ahead is None else np.exp(np.minimum(ahead, top))


def naive(values: Floats, origins: Ints, season: int, steps: int) -> Floats:
    """The value of a season ago, or the last one where there is not yet a season."""
    ahead = np.arange(steps)
    cycles = [season if origin >= season else 1 for origin in origins]
    return np.array([values[o - c + ahead % c] for o, c in zip(origins, cycles, strict=True)])


def smoothed(problem: Problem, trend: str) -> Floats:
    flat = np.zeros((len(problem.origins), 1))
    ahead = smooth(problem.adjusted, problem.origins, flat, grid(trend, season=False), problem.steps)
    return problem.reseason(ahead)


def thetas(problem: Problem) -> Floats:
    return problem.reseason(theta(problem.adjusted, problem.origins, problem.steps, dynamic=True))


Method = Callable[[Problem], "Floats | None"]
METHODS: dict[str, Method] = {
    NAIVE: lambda p: naive(p.values, p.origins, p.season, p.steps),
    "theta": thetas,
    "level smoothing": lambda p: smoothed(p, "none"),
    "damped trend": lambda p: smoothed(p, "damped"),
    "Holt-Winters": lambda p: holt_winters(p.values, p.origins, p.season, p.steps) if p.season > 1 else None,
    "Holt-Winters on logs": lambda p: (
        p.on_logs(lambda v: holt_winters(v, p.origins, p.season, p.steps)) if p.positive else None
    ),
    "autoregression": lambda p: p.on_logs(lambda v: autoregression(v, p.origins, p.season, p.steps)),
    "boosting on lags": lambda p: p.on_logs(lambda v: boosting(v, p.origins, p.season, p.steps)),
}


def forecasts(problem: Problem) -> dict[str, Floats]:
    """(origins, steps) by method, of those that can learn from this much history; kept within reach of the past."""
    low, high = float(problem.values.min()), float(problem.values.max())
    margin = REACH * (high - low)
    found = {name: method(problem) for name, method in METHODS.items()}
    return {
        name: np.clip(np.nan_to_num(ahead, nan=low), low - margin, high + margin)
        for name, ahead in found.items()
        if ahead is not None
    }
