"""The theta family on one batch of origins: Fiorucci, Pellegrini, Louzada, Petropoulos & Koehler,
"Models for optimising the theta method and their relationship to state space models", Int. J. Forecasting 32 (2016).

`theta` 1 is simple exponential smoothing; 2 the classical method (half the slope as drift); beyond, the whole slope.
"""

from __future__ import annotations

import numpy as np

from ml_services.forecasting.seasonal import Floats, Ints
from ml_services.forecasting.smoothing import running_rows

RATES = (0.02, 0.06, 0.12, 0.2, 0.3, 0.42, 0.56, 0.72, 0.88, 0.99)
THETAS = (1.0, 1.33, 2.0, 3.0, 5.0, 9.0)
WARM_UP = 3
"""One-step errors before this many values say nothing of the line, which is then still undetermined."""


def theta(rows: Floats, lengths: Ints, steps: int, *, dynamic: bool) -> Floats:
    """Forecasts (rows, steps); `rows` without season, longest first. `dynamic`: the line is fitted anew at every time
    (DOTM), else once over all that is known at the origin (OTM)."""
    rate = np.repeat(RATES, len(THETAS))[None, :]
    weight = 1 - 1 / np.tile(THETAS, len(RATES))[None, :]
    keep = 1 - rate
    intercept, slope = running_lines(rows) if dynamic else final_lines(rows, lengths)
    level = np.repeat(rows[:, :1], rate.shape[1], axis=1)
    squares = np.zeros_like(level)
    power = keep.copy()
    running = running_rows(lengths, rows.shape[1])
    for t in range(1, int(lengths.max())):
        live = running[t]
        line = power * intercept[:live, t - 1 : t] + (1 - power * keep) / rate * slope[:live, t - 1 : t]
        value = rows[:live, t : t + 1]
        if t >= WARM_UP:
            squares[:live] += (value - level[:live] - weight * line) ** 2
        level[:live] = rate * value + keep * level[:live]
        power = power * keep
    best = squares.argmin(axis=1)
    row = np.arange(len(rows))
    last = lengths - 1
    start = (level[row, best], intercept[row, last], slope[row, last])
    return extrapolate(*start, rate[0, best], weight[0, best], lengths, steps)


def extrapolate(
    level: Floats, intercept: Floats, slope: Floats, rate: Floats, weight: Floats, lengths: Ints, steps: int
) -> Floats:
    """Each forecast taken as if it had come, the line held (the paper's eq. 22)."""
    keep = 1 - rate
    ahead = np.zeros((len(level), steps))
    for h in range(steps):
        power = keep ** (lengths + h)
        ahead[:, h] = level + weight * (power * intercept + (1 - power * keep) / rate * slope)
        level = rate * ahead[:, h] + keep * level
    return ahead


def running_lines(rows: Floats) -> tuple[Floats, Floats]:
    """Least-squares intercept and slope over the first t values, for every t, (rows, n) each; time counts from 1."""
    count = np.arange(1, rows.shape[1] + 1)
    total, moment = np.cumsum(rows, axis=1), np.cumsum(rows * count, axis=1)
    middle, spread = (count + 1) / 2, np.maximum(count * (count * count - 1) / 12, 0.5)
    slope = np.where(count > 1, (moment - middle * total) / spread, 0.0)
    return total / count - slope * middle, slope


def final_lines(rows: Floats, lengths: Ints) -> tuple[Floats, Floats]:
    """The line over all that is known at each row's origin, repeated for every t."""
    intercept, slope = running_lines(rows)
    row, last = np.arange(len(rows))[:, None], (lengths - 1)[:, None]
    every = np.zeros(rows.shape)
    return intercept[row, last] + every, slope[row, last] + every
