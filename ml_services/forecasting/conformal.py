"""Intervals from the back-test's own errors, so that they hold what they say without assuming a distribution.

Errors are scaled by the size of the series at their origin and by a power of the step ahead, pooled over steps, and
their weighted quantiles taken, recent windows weighing more (Barber, Candès, Ramdas & Tibshirani, "Conformal
prediction beyond exchangeability", Annals of Statistics 51, 2023). Where the methods disagree more now than they did
in the back-test, its errors are too kind, and the excess is added.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np

from ml_services.forecasting.backtest import Backtest
from ml_services.forecasting.choice import Choice
from ml_services.forecasting.seasonal import Floats

MEMORY = 0.75
"""Weight of a back-test window relative to the next later one."""
GROWTH = 0.35
"""Errors usually grow with this power of the step ahead; a random walk's with 0.5, a stationary series' with 0."""
GROWTH_RANGE = 0.35
GROWTH_PRIOR = 4.0
"""Windows that the usual growth counts for against the one measured."""
EXCESS_WEIGHT = 4.5
"""Square of what turns a median distance between methods into an 80 % one: (1.28 / 0.67) ** 2 and a fifth more, as
methods that agree may still err together."""
SIGNED = 0.5
"""How much the lower and the upper 80 % bound follow the errors of their own side, rather than of both: errors that
were mostly on one side usually stay so, but few of them say it with certainty."""
WIDER_95 = 1.53
"""Ratio of the 95 % to the 80 % half-width of a normal distribution; at least LEAST_WIDER in any case."""
LEAST_WIDER = 1.2
SHORT = 20
"""A history of this length tells so little of itself that its errors are widened by the square root of two."""
TINY = 1e-12
"""Of a series scaled to one: below this, errors are those of rounding."""
NEAR = 6
"""Values that the size of the series at an origin is read from, where a season is not longer."""
STUDENT_80, STUDENT_95 = 1.886, 4.303
"""Student's t with two degrees of freedom: what three points allow, without any back-test."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Quantiles of the scaled errors: what one series, or many together, know of their own uncertainty."""

    down_80: float
    up_80: float
    half_95: float
    growth: float


@dataclass(frozen=True, slots=True)
class Widths:
    """(steps,): how far the 80 % interval reaches below and above the forecast, and the 95 % interval either way."""

    down_80: Floats
    up_80: Floats
    half_95: Floats


def widths(backtest: Backtest, choice: Choice, pooled: Profile | None = None) -> Widths:
    """The intervals around a choice's forecast."""
    problem = backtest.problem
    steps = np.arange(1, problem.steps + 1)
    if not backtest.windows:
        return guess(problem.values, steps.astype(float))
    scale = scales(backtest, choice)
    profile = measure(backtest, choice, scale)
    if pooled is not None:
        profile = mix(profile, pooled, backtest.windows)
    short = np.sqrt(1.0 + (SHORT / len(problem.values)) ** 2)
    base = scale[0] * steps ** (GROWTH + profile.growth) * short
    extra = EXCESS_WEIGHT * excess(backtest, choice, scale)
    down, up = (np.sqrt((part * base) ** 2 + extra) for part in (profile.down_80, profile.up_80))
    wide = np.sqrt((profile.half_95 * base) ** 2 + extra * WIDER_95**2)
    return Widths(down, up, np.maximum(wide, np.maximum(down, up)))


def scales(backtest: Backtest, choice: Choice) -> Floats:
    """(1 + origins, steps): the size of the errors to expect, before growth and quantile. They grow with a positive
    series: half by its level at the origin, half by the forecast itself."""
    problem = backtest.problem
    size = np.ones_like(choice.ahead)
    if problem.positive:
        span = max(problem.season, NEAR)
        level = np.array([problem.values[max(0, origin - span) : origin].mean() for origin in problem.origins])
        size = (np.maximum(choice.ahead, 0.0) + level[:, None]) / 2
    typical = float(np.nanmean(np.abs(choice.ahead - backtest.actual)[1:] / size[1:]))
    scaled: Floats = size * max(typical, TINY)
    return scaled


def measure(backtest: Backtest, choice: Choice, scale: Floats) -> Profile:
    miss = (backtest.actual - choice.ahead)[1:] / scale[1:]
    windows, steps = miss.shape
    known = ~np.isnan(miss)
    weight = np.broadcast_to(MEMORY ** np.arange(windows)[:, None], miss.shape)
    ahead = np.broadcast_to(np.arange(1, steps + 1), miss.shape)
    weights, step = weight[known], ahead[known].astype(float)
    error = miss[known] / step**GROWTH
    growth = float(np.clip(slope(step, np.abs(error), weights), -GROWTH_RANGE, 0.5 * (1 + GROWTH_RANGE) - GROWTH + 0.1))
    growth *= windows / (windows + GROWTH_PRIOR)
    error = error / step**growth
    half_80, half_95 = (weighted_quantile(np.abs(error), weights, level) for level in (0.8, 0.95))
    below, above = (weighted_quantile(side, weights, 0.9) for side in (-error, error))
    down, up = (half_80 + SIGNED * (max(part, 0.0) - half_80) for part in (below, above))
    return Profile(down, up, max(half_95, LEAST_WIDER * half_80), growth)


def slope(step: Floats, error: Floats, weights: Floats) -> float:
    """The power of the step that the mean error grows with, by weighted least squares on logs."""
    places = step.astype(int)
    mass = np.bincount(places, weights)
    mean = np.bincount(places, weights * error)[mass > 0] / mass[mass > 0]
    mass, log_step, log_error = mass[mass > 0], np.log(np.flatnonzero(mass)), np.log(mean + 1e-12)
    if len(mass) < 3:
        return 0.0
    centred = log_step - np.average(log_step, weights=mass)
    return float((mass * centred) @ log_error / ((mass * centred) @ centred))


def weighted_quantile(values: Floats, weights: Floats, level: float) -> float:
    order = np.argsort(values, kind="stable")
    mass = weights[order] / weights.sum()
    return float(np.interp(level, np.cumsum(mass) - 0.5 * mass, values[order]))


def excess(backtest: Backtest, choice: Choice, scale: Floats) -> Floats:
    """(steps,) squared disagreement of the methods now, beyond its usual size in the back-test."""
    weights = MEMORY ** np.arange(backtest.windows)
    usual = weights @ (choice.disagreement[1:] / scale[1:]) / weights.sum()
    beyond: Floats = np.maximum(choice.disagreement[0] ** 2 - (usual * scale[0]) ** 2, 0.0)
    return beyond


def mix(own: Profile, pooled: Profile, windows: int) -> Profile:
    """Own quantiles drawn towards those of many series: few windows say little of a tail."""
    if own.half_95 == 0.0:
        return own
    share = windows / (windows + GROWTH_PRIOR)
    pairs = zip(astuple(own), astuple(pooled), strict=True)
    return Profile(*(share * mine + (1 - share) * theirs for mine, theirs in pairs))


def guess(values: Floats, steps: Floats) -> Widths:
    """Without a back-test: the scatter of the steps from value to value, growing as a random walk's."""
    scatter = float(np.sqrt(np.mean(np.diff(values) ** 2)))
    spread = scatter * np.sqrt(steps)
    return Widths(STUDENT_80 * spread, STUDENT_80 * spread, STUDENT_95 * spread)
