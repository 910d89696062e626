"""The year in a daily series: a smooth profile over the days of the year, beside the week that the methods see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml_services.forecasting.seasonal import Floats

DAYS_A_YEAR, DAYS_A_WEEK = 365.25, 7
LEAST_YEARS = 1.5
"""Of history before a profile is drawn from it: with less, a year's swing cannot be told from a trend."""
HARMONICS = 10
"""Enough to follow a season of about two weeks."""
ROUGHNESS = 0.0005
"""Penalty of a harmonic, times its order squared and the number of days: quick swings must be clear to be kept."""


def least_days(open_days: int) -> int:
    """Days of history that a profile needs, in days that the series is open on."""
    return round(LEAST_YEARS * DAYS_A_YEAR * open_days / DAYS_A_WEEK)


@dataclass(frozen=True, slots=True)
class Year:
    """`swing` by day since the start of the series: factors around 1 where `multiplicative`, else offsets."""

    swing: Floats
    multiplicative: bool

    def at(self, start: int, steps: int) -> Floats:
        return self.swing[start : start + steps]

    def remove(self, values: Floats) -> Floats:
        pattern = self.at(0, len(values))
        return values / pattern if self.multiplicative else values - pattern

    def put_on(self, ahead: Floats, swing: Floats) -> Floats:
        return ahead * swing if self.multiplicative else ahead + swing


def profile(values: Floats, open_days: int, length: int) -> Year:
    """The year of a series that is open on `open_days` a week, for its first `length` days (beyond the known ones).

    Ridge regression on a parabola and the waves of a year, of the logarithms where all values are positive.
    """
    positive = bool(values.min() > 0)
    plain = np.log(values) if positive else values
    count = len(values)
    time = np.arange(length)
    angle = 2 * np.pi * DAYS_A_WEEK / (DAYS_A_YEAR * open_days) * time[:, None] * np.arange(1, HARMONICS + 1)
    waves = np.concatenate([np.sin(angle), np.cos(angle)], axis=1)
    scaled = time[:count, None] / count - 0.5
    known = np.concatenate([np.ones((count, 1)), scaled, scaled**2, waves[:count]], axis=1)
    penalty = np.concatenate([np.full(3, 1e-9), np.tile(np.arange(1, HARMONICS + 1) ** 2.0, 2) * ROUGHNESS * count])
    weights = np.linalg.solve(known.T @ known + np.diag(penalty), known.T @ plain)
    swing = waves @ weights[3:]
    return Year(np.exp(swing) if positive else swing, positive)
