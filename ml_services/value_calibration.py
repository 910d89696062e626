"""From a raw log-amount to an amount whose total is right, with an interval that covers what it says.

A total that is nearly right already is left so where that is no worse for the single amounts: where a few large
amounts carry what is missing, scaling would move every customer away from the truth to make up for them.

Interval: split conformal on cross-validated residuals (Vovk et al. 2005; CV+ of Barber et al., Annals of Statistics
2021), of log(1 + amount), within bands of similar predictions (Mondrian), so that small and large customers each get
their own width. Amounts below zero do not exist: the lower end stops at zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LEVEL = 0.8
ROWS_A_BAND = 150
MOST_BANDS = 12
CHECK_FOLDS = 5
NEARLY_RIGHT = 0.03
"""A total off by less may stay so."""
DOWN_TO_ZERO = -50.0
LARGEST_RAW = 50.0
"""exp(50) is more money than there is: a guard against overflow only."""


@dataclass(frozen=True)
class ValueScale:
    """Amount = scale * exp(raw), and the residual quantiles of bands of raw: `centers` (b,) ascending, `low` and
    `high` (b,) in log(1 + amount), taken piecewise linearly between the centres."""

    scale: float = 1.0
    centers: tuple[float, ...] = (0.0,)
    low: tuple[float, ...] = (0.0,)
    high: tuple[float, ...] = (0.0,)
    level: float = LEVEL
    name: str = "scale"

    def one(self, raw: float) -> float:
        """The amount of one raw score."""
        return self.scale * math.exp(min(raw, LARGEST_RAW))

    def many(self, raw: Floats) -> Floats:
        """The amounts of many."""
        return np.asarray(self.scale * np.exp(np.minimum(raw, LARGEST_RAW)))

    def interval(self, raw: Floats) -> tuple[Floats, Floats]:
        """Lower and upper ends (n,) of the interval that holds the true amount with probability `level`."""
        value = self.many(np.asarray(raw, dtype=np.float64))
        center = np.log1p(value)
        low = np.expm1(center + np.interp(raw, self.centers, self.low))
        high = np.expm1(center + np.interp(raw, self.centers, self.high))
        low = np.clip(low, 0.0, None)
        return low, np.maximum(high, low)


def tweedie_deviances(y: Floats, value: Floats) -> Floats:
    """Each row's Tweedie deviance of power 1.5, between counting (1) and proportional errors (2) (Jorgensen 1987)."""
    value = np.maximum(value, 1e-12)
    return np.asarray(4.0 * (np.sqrt(value) + y / np.sqrt(value) - 2.0 * np.sqrt(y)))


def amount_losses(y: Floats, value: Floats) -> Floats:
    """Each row's loss, of which guessing the mean has 1 on average: half the Tweedie deviance, which asks for the right
    mean however few large amounts carry it, half the absolute error, which asks to be near for most. A few large
    amounts make the first so noisy that it alone can hardly tell settings apart."""
    guess = np.full_like(y, y.mean())
    deviance = tweedie_deviances(y, value) / max(tweedie_deviances(y, guess).mean(), 1e-12)
    error = np.abs(y - value) / max(np.abs(y - guess).mean(), 1e-12)
    return np.asarray((deviance + error) / 2.0)


def calibrate_values(y: Floats, raw: Floats, seed: int) -> tuple[ValueScale, Floats]:
    """The scale that makes the total right, and each row's amount with a scale from the other rows."""
    fold = np.random.default_rng(seed).permutation(len(y)) % CHECK_FOLDS
    ratio, plain, value = _total_ratio(y, raw), ValueScale().many(raw), np.empty_like(raw)
    for k in range(CHECK_FOLDS):
        value[fold == k] = ValueScale(_total_ratio(y[fold != k], raw[fold != k])).many(raw[fold == k])
    if abs(ratio - 1.0) <= NEARLY_RIGHT and amount_losses(y, plain).mean() <= amount_losses(y, value).mean():
        ratio, value = 1.0, plain
    return _with_bands(ValueScale(ratio), y, raw), value


def _total_ratio(y: Floats, raw: Floats) -> float:
    return float(y.sum() / max(np.exp(np.minimum(raw, LARGEST_RAW)).sum(), 1e-12)) or 1e-12


def _with_bands(scaled: ValueScale, y: Floats, raw: Floats) -> ValueScale:
    residual = np.log1p(y) - np.log1p(scaled.many(raw))
    bands = int(np.clip(len(y) // ROWS_A_BAND, 1, MOST_BANDS))
    parts = np.array_split(np.argsort(raw, kind="stable"), bands)
    centers = tuple(float(np.median(raw[rows])) for rows in parts)
    ends = [_ends(y[rows], residual[rows]) for rows in parts]
    return ValueScale(scaled.scale, centers, tuple(low for low, _ in ends), tuple(high for _, high in ends))


def _ends(y: Floats, residual: Floats) -> tuple[float, float]:
    """Residual quantiles of a band. Where zeros alone fill the lower tail the interval starts at zero, and its upper
    end then needs to leave out more than half of what may lie outside."""
    tail = (1 - LEVEL) / 2
    if (y == 0).mean() >= tail:
        return DOWN_TO_ZERO, _quantile(residual, LEVEL, up=True)
    return _quantile(residual, tail, up=False), _quantile(residual, 1 - tail, up=True)


def _quantile(residual: Floats, share: float, *, up: bool) -> float:
    """The conformal quantile: the share is of n + 1, and the rank is rounded outwards."""
    n = len(residual)
    rank = math.ceil(share * (n + 1)) if up else math.floor(share * (n + 1))
    return float(np.sort(residual)[min(max(rank, 1), n) - 1])
