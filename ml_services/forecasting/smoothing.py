"""Exponential smoothing with damped trend and additive season; on logs it is the multiplicative one.

One pass in time runs every parameter setting of a grid over every origin of the back-test at once, so that the
whole back-test costs as much as one forecast. Source: Hyndman et al., Forecasting with Exponential Smoothing (2008).
"""

from __future__ import annotations

import numpy as np

from ml_services.forecasting.seasonal import Floats, Ints, seasonality

LEVEL_RATES = (0.02, 0.06, 0.12, 0.2, 0.3, 0.42, 0.56, 0.72, 0.9)
TREND_RATES = (0.0, 0.03, 0.1, 0.25)
SEASON_RATES = (0.0, 0.05, 0.15, 0.35)
DAMPINGS = (0.8, 0.9, 0.95, 0.98)
"""Stronger damping is no trend at all; 0.98 is the usual upper limit (fpp3, sec. 8.2)."""
START_POINTS = 6
"""Values that the first level and slope are drawn from, where a season does not give more."""


def grid(trend: str, *, season: bool) -> Floats:
    """(settings, 4): level rate, trend rate, season rate, damping; `trend` is none, damped or full."""
    dampings = {"none": (0.0,), "damped": DAMPINGS, "full": (1.0,)}[trend]
    trend_rates = (0.0,) if trend == "none" else TREND_RATES
    season_rates = SEASON_RATES if season else (0.0,)
    return np.array(
        [(a, b, g, p) for a in LEVEL_RATES for b in trend_rates for g in season_rates for p in dampings], dtype=float
    )


def first_state(rows: Floats, seasons: Floats, points: int) -> tuple[Floats, Floats]:
    """Level before the first value, and slope, (rows, 1) each: a line through the first deseasonalized values."""
    time = np.arange(points)
    start = rows[:, :points] - seasons[:, time % seasons.shape[1]]
    centred = time - time.mean()
    slope = (start @ centred) / max(float(centred @ centred), 1.0)
    return (start.mean(axis=1) - slope * (time.mean() + 1))[:, None], slope[:, None]


def smooth(rows: Floats, lengths: Ints, seasons: Floats, settings: Floats, steps: int) -> Floats:
    """Forecasts (rows, steps), each row by its own best setting in squared one-step errors.

    `rows` (rows, n), of which the first `lengths` values count, longest first; `seasons` (rows, m) start indices.
    """
    period = seasons.shape[1]
    level, slope, season, squares = states(rows, lengths, seasons, settings)
    best = squares.argmin(axis=1)
    row = np.arange(len(rows))
    ahead = np.arange(1, steps + 1)
    damped = np.cumsum(settings[best, 3][:, None] ** ahead, axis=1)
    position = (lengths[:, None] + ahead - 1) % period
    line = level[row, best][:, None] + slope[row, best][:, None] * damped
    usual = season[position, row[:, None], best[:, None]]
    whole: Floats = line + usual
    return whole


def states(rows: Floats, lengths: Ints, seasons: Floats, settings: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Level, slope (rows, settings), season (m, rows, settings) at each row's origin; the squared errors until then."""
    period = seasons.shape[1]
    rate, trend_rate, season_rate, damping = (settings[:, k][None, :] for k in range(4))
    points = int(min(max(2 * period if period > 1 else 0, START_POINTS), lengths.min()))
    level, slope = first_state(rows, seasons, points)
    if not np.any(damping):
        level, slope = level + slope * (points + 1) / 2, slope * 0.0
    level, slope = (np.repeat(part, len(settings), axis=1) for part in (level, slope))
    season = np.repeat(seasons.T[:, :, None], len(settings), axis=2)
    squares = np.zeros_like(level)
    trend_gain, season_gain = rate * trend_rate, season_rate * (1 - rate)
    for t, live in enumerate(running_rows(lengths, int(lengths.max()))):
        pattern = season[t % period, :live]
        drift = slope[:live] * damping
        base = level[:live] + drift
        error = rows[:live, t : t + 1] - base - pattern
        squares[:live] += error * error
        level[:live] = base + rate * error
        slope[:live] = drift + trend_gain * error
        if period > 1:
            pattern += season_gain * error
    return level, slope, season, squares


def running_rows(lengths: Ints, columns: int) -> list[int]:
    """How many rows (sorted longest first) still have a value at each time."""
    return [int(count) for count in (lengths[None, :] > np.arange(columns)[:, None]).sum(axis=1)]


def holt_winters(values: Floats, origins: Ints, season: int, steps: int, trend: str = "damped") -> Floats:
    """Forecasts (origins, steps) of one series as known at each origin (longest first)."""
    period = season if len(values) >= 2 * season and origins.min() >= 2 * season else 1
    starts = np.array([seasonality(values[:o], period, multiplicative=False).indices for o in origins])
    rows = np.tile(values, (len(origins), 1))
    return smooth(rows, origins, starts, grid(trend, season=period > 1), steps)
