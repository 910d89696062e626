"""The space in which distances between customers are taken: every column on a scale of its own.

A skewed column is taken on a logarithmic scale and measured by its quartiles, so that a few large customers do not
make all others look alike; any other by its standard deviation. Columns with few values and categories count for
less (as in k-prototypes: Huang, Data Mining and Knowledge Discovery 2, 1998), since gaps between their values are
clusters that need no search. What is missing lies in the middle and moves nobody.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_services.encoding import Feature

Floats = npt.NDArray[np.float64]

SKEWED = 1.0
"""Skewness beyond which a distribution is called highly skewed (Bulmer, Principles of Statistics, 1979)."""
QUARTILES_OF_NORMAL = 1.349
"""Distance between the quartiles of a normal distribution with standard deviation 1."""
FARTHEST = 4.0
"""Coordinates end here: beyond, somebody is an outlier, and one column should not decide alone."""
FEW_VALUES = 5
FEW_VALUES_WEIGHT = 0.5
LOG_UNIT_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Axis:
    """One coordinate. `unit`: x is taken as log(1 + |x| / unit) with its sign; 0 for as it is. `level`: the code that
    counts as 1 where all others are 0; -1 for a number. Coordinate = (x - middle) / spread."""

    feature: int
    field: str
    unit: float
    level: int
    middle: float
    spread: float

    def one(self, x: float) -> float:
        if x != x:
            return 0.0
        if self.level >= 0:
            x = 1.0 if x == self.level else 0.0
        elif self.unit:
            x = math.copysign(math.log1p(abs(x) / self.unit), x)
        return min(max((x - self.middle) / self.spread, -FARTHEST), FARTHEST)

    def many(self, x: Floats) -> Floats:
        value = _logged(x, self.unit) if self.level < 0 else np.where(np.isnan(x), np.nan, x == self.level)
        return np.nan_to_num(np.clip((value - self.middle) / self.spread, -FARTHEST, FARTHEST), nan=0.0)

    def undo(self, coordinate: float) -> float:
        """The value (of a category: the share of the level) at a coordinate."""
        x = coordinate * self.spread + self.middle
        return math.copysign(math.expm1(abs(x)) * self.unit, x) if self.unit else x


class Space:
    """The axes of a table's features."""

    def __init__(self, axes: Sequence[Axis]) -> None:
        self.axes = tuple(axes)

    @classmethod
    def fit(cls, features: Sequence[Feature], X: Floats) -> Space:
        axes: list[Axis] = []
        for position, feature in enumerate(features):
            known = X[:, position][~np.isnan(X[:, position])]
            if len(known) == 0 or np.ptp(known) == 0:
                continue
            if feature.kind == "category":
                axes += _level_axes(position, feature, known)
            else:
                axes.append(_number_axis(position, feature, known))
        return cls(axes)

    def one(self, row: Sequence[float]) -> list[float]:
        return [axis.one(row[axis.feature]) for axis in self.axes]

    def many(self, X: Floats) -> Floats:
        if not self.axes:
            return np.empty((len(X), 0))
        return np.stack([axis.many(X[:, axis.feature]) for axis in self.axes], axis=1)


def _logged(x: Floats, unit: float) -> Floats:
    return np.copysign(np.log1p(np.abs(x) / unit), x) if unit else x


def _skewness(x: Floats) -> float:
    spread = float(x.std())
    return float((((x - x.mean()) / spread) ** 3).mean()) if spread > 0 else 0.0


def _number_axis(position: int, feature: Feature, known: Floats) -> Axis:
    unit, values = 0.0, known
    if len(np.unique(known[:10_000])) <= FEW_VALUES:
        return Axis(position, feature.field, 0.0, -1, float(known.mean()), float(known.std()) / FEW_VALUES_WEIGHT)
    skewness = _skewness(known)
    if abs(skewness) > SKEWED:
        smallest = float(np.quantile(np.abs(known[known != 0]), LOG_UNIT_SHARE))
        logged = _logged(known, smallest)
        if abs(_skewness(logged)) < abs(skewness):
            unit, values = smallest, logged
    if not unit:
        return Axis(position, feature.field, 0.0, -1, float(values.mean()), float(values.std()))
    low, middle, high = (float(q) for q in np.quantile(values, (0.25, 0.5, 0.75)))
    spread = (high - low) / QUARTILES_OF_NORMAL
    if spread == 0.0:
        middle, spread = float(values.mean()), float(values.std())
    return Axis(position, feature.field, unit, -1, middle, spread)


def _level_axes(position: int, feature: Feature, known: Floats) -> list[Axis]:
    """All levels of a category together have the variance of one number, times the square of the weight."""
    shares = np.bincount(known.astype(np.int64), minlength=len(feature.levels)) / len(known)
    spread = math.sqrt(float((shares * (1.0 - shares)).sum())) / FEW_VALUES_WEIGHT
    return [
        Axis(position, feature.field, 0.0, level, float(share), spread)
        for level, share in enumerate(shares.tolist())
        if share > 0
    ]


__all__ = ["Axis", "Floats", "Space"]
