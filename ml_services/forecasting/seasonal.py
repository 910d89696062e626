"""Seasonal indices by classical decomposition: tested for, weighted towards the recent years, shrunk by their noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.integer[Any]]

TEST_SCORE = 1.645
"""One-sided 90 % normal score of the autocorrelation test (Fiorucci et al., Int. J. Forecasting 32, 2016, sec. 3.4)."""
YEARLY_MEMORY, WEEKLY_MEMORY = 0.8, 0.97
"""Weight of a cycle relative to the one after it: seasons drift with the years, so older cycles say less."""
LONGEST_WEEK = 7
"""A season of this length or less is a week of days, but for the quarters of a year (4)."""


@dataclass(frozen=True, slots=True)
class Seasonality:
    """`indices` (m,) by position t % m; factors around 1 where `multiplicative`, else offsets around 0."""

    indices: Floats
    multiplicative: bool

    @property
    def neutral(self) -> bool:
        return bool(np.all(self.indices == (1.0 if self.multiplicative else 0.0)))

    def grown(self, scale: float) -> Seasonality:
        """The same for a series `scale` times as large."""
        return self if self.multiplicative else Seasonality(self.indices * scale, multiplicative=False)

    def at(self, start: int, steps: int) -> Floats:
        return self.indices[np.arange(start, start + steps) % len(self.indices)]

    def remove(self, values: Floats) -> Floats:
        pattern = self.at(0, len(values))
        return values / pattern if self.multiplicative else values - pattern

    def put_back(self, values: Floats, start: int) -> Floats:
        pattern = self.at(start, len(values))
        return values * pattern if self.multiplicative else values + pattern


def is_seasonal(values: Floats, season: int) -> bool:
    """Whether the detrended autocorrelation at lag `season` stands out against that of the shorter lags."""
    if season < 2 or len(values) < 2 * season + 1:
        return False
    time = np.arange(len(values)) - (len(values) - 1) / 2
    rest = values - values.mean()
    rest = rest - time * (rest @ time) / (time @ time)
    power = float(rest @ rest)
    if power <= 1e-12 * float(values @ values) + 1e-300:
        return False
    correlation = np.array([rest[lag:] @ rest[:-lag] for lag in range(1, season + 1)]) / power
    limit = TEST_SCORE * np.sqrt((1 + 2 * np.sum(correlation[:-1] ** 2)) / len(values))
    return bool(correlation[-1] > limit)


def seasonality(values: Floats, season: int, *, multiplicative: bool) -> Seasonality:
    """Ratio or difference to the centred moving average, averaged by position over the cycles."""
    centre = 1.0 if multiplicative else 0.0
    if season < 2 or len(values) < 2 * season:
        return Seasonality(np.full(max(season, 1), centre), multiplicative)
    trend, offset = moving_average(values, season)
    middle = values[offset : offset + len(trend)]
    detrended = middle / trend if multiplicative else middle - trend
    position = (np.arange(len(detrended)) + offset) % season
    memory = WEEKLY_MEMORY if 4 < season <= LONGEST_WEEK else YEARLY_MEMORY
    weight = memory ** ((len(detrended) - 1 - np.arange(len(detrended))) // season)
    mass = np.bincount(position, weight, season)
    indices = np.bincount(position, weight * detrended, season) / mass
    indices = indices / indices.mean() if multiplicative else indices - indices.mean()
    noise = indices_noise(detrended - indices[position], weight, position, mass)
    spread = float(indices.var()) * season / (season - 1)
    keep = max(0.0, 1.0 - noise / spread) if spread > 0 else 0.0
    return Seasonality(centre + keep * (indices - centre), multiplicative)


def moving_average(values: Floats, season: int) -> tuple[Floats, int]:
    """The centred average over one cycle (2 x m where m is even), and how many values it starts late."""
    kernel = np.ones(season + 1 - season % 2)
    if season % 2 == 0:
        kernel[[0, -1]] = 0.5
    trend = np.convolve(values, kernel / season, "valid")
    return trend, (len(values) - len(trend)) // 2


def indices_noise(rest: Floats, weight: Floats, position: Ints, mass: Floats | Ints) -> float:
    """The error variance of one seasonal index, for shrinking (Miller & Williams, Int. J. Forecasting 19, 2003)."""
    freedom = max(len(rest) - len(mass), 1)
    variance = float(weight @ rest**2) / float(weight.sum()) * len(rest) / freedom
    return variance * float(np.mean(np.bincount(position, weight**2, len(mass)) / mass**2))
