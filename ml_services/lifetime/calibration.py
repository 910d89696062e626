"""From the logarithm of a value to the amount told, and the interval around it.

Learned from back-tests: what a model said on an earlier day, and what came. The interval is split conformal (Vovk,
Gammerman and Shafer, 2005; in bins of what was said: Mondrian), on the ratio of what came to what was said.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp

import numpy as np

from ml_services.lifetime.rfm import Floats

MOST_BINS = 20
FEWEST_IN_BIN = 50
LARGEST_LOG = 50.0
SMALLEST = 0.005
"""Half a cent: what is said below counts as this in ratios."""


@dataclass(frozen=True, slots=True)
class RatioInterval:
    """Between knots of log value the ratios are interpolated, beyond them flat. The value is always inside."""

    level: float
    knots: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    @classmethod
    def fit(cls, value: Floats, came: Floats, level: float) -> RatioInterval:
        """From values said and amounts that came, in bins of about equally many. Of all intervals that hold the level
        the shortest is taken: where most customers spend nothing it begins at nothing, and all that may lie outside
        lies above."""
        order = np.argsort(value, kind="stable")
        bins = max(min(MOST_BINS, len(value) // FEWEST_IN_BIN), 1)
        knots: list[float] = []
        low: list[float] = []
        high: list[float] = []
        for rows in np.array_split(order, bins):
            said = np.maximum(value[rows], SMALLEST)
            knot = float(np.log(said).mean())
            if knots and knot <= knots[-1]:
                continue
            ratio, n = np.sort(came[rows] / said), len(rows)
            knots.append(knot)
            inside = min(ceil((n + 1) * level), n)
            start = int((ratio[inside - 1 :] - ratio[: n - inside + 1]).argmin())
            low.append(float(ratio[start]))
            high.append(float(ratio[start + inside - 1]))
        return cls(level, tuple(knots), tuple(low), tuple(high))

    def many(self, value: Floats) -> tuple[Floats, Floats]:
        at = np.log(np.maximum(value, SMALLEST))
        low, high = np.interp(at, self.knots, self.low), np.interp(at, self.knots, self.high)
        return np.minimum(low, 1.0) * value, np.maximum(high, 1.0) * value


@dataclass(frozen=True, slots=True)
class ValueCalibrator:
    """value = exp(slope * raw + shift): never negative, never NaN for a raw that is a number."""

    slope: float
    shift: float
    ratios: RatioInterval
    name: str = "back-tested total and slope"

    @property
    def level(self) -> float:
        return self.ratios.level

    def one(self, raw: float) -> float:
        return exp(min(max(self.slope * raw + self.shift, -LARGEST_LOG), LARGEST_LOG))

    def many(self, raw: Floats) -> Floats:
        return np.exp(np.clip(self.slope * raw + self.shift, -LARGEST_LOG, LARGEST_LOG))

    def interval(self, raw: Floats) -> tuple[Floats, Floats]:
        """Lower and upper ends (n,), around the value."""
        return self.ratios.many(self.many(raw))


__all__ = ["RatioInterval", "ValueCalibrator"]
