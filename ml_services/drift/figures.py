"""The figures of a shift between two samples of counts: how large it is, and how likely by chance alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr

from ml_services.drift.limits import LEAST_EXPECTED

Floats = npt.NDArray[np.float64]
HALF = 0.5
"""Added to each count, so that an empty bin has a logarithm (J. B. S. Haldane, 1956)."""


def stability_index(before: Floats, now: Floats) -> float:
    """Sum of (q - p) ln(q / p) over the bins, of counts (bins,)."""
    p, q = (_shares(counts) for counts in (before, now))
    return float(((q - p) * np.log(q / p)).sum())


def _shares(counts: Floats) -> Floats:
    return np.asarray((counts + HALF) / (counts.sum() + HALF * len(counts)))


def chance(before: Floats, now: Floats) -> float:
    """The p-value of Pearson's chi-squared test that both counts (bins,) are of one distribution; the reference is a
    sample too. Bins with few expected are put together first. 1.0 where nothing is left to compare."""
    rows = np.array([before.sum(), now.sum()])
    if rows.min() == 0:
        return 1.0
    table = _together(np.vstack([before, now]), rows)
    if table.shape[1] < 2:
        return 1.0
    expected = rows[:, None] * table.sum(axis=0) / rows.sum()
    return float(chdtrc(table.shape[1] - 1, ((table - expected) ** 2 / expected).sum()))


def _together(table: Floats, rows: Floats) -> Floats:
    pooled = table.sum(axis=0)
    table, pooled = table[:, pooled > 0], pooled[pooled > 0]
    few = pooled * rows.min() / rows.sum() < LEAST_EXPECTED
    if not few.any():
        return table
    rest, many = table[:, few].sum(axis=1, keepdims=True), table[:, ~few]
    if rest.sum() * rows.min() / rows.sum() < LEAST_EXPECTED and many.shape[1]:
        smallest = int(many.sum(axis=0).argmin())
        many[:, smallest] += rest[:, 0]
        return many
    return np.hstack([many, rest])


def holm(chances: Sequence[float]) -> list[float]:
    """The p-values such that calling those below alpha holds the chance of any false call to alpha, however the
    columns depend on each other (S. Holm, Scandinavian Journal of Statistics 6(2), 1979)."""
    adjusted, highest = [1.0] * len(chances), 0.0
    for place, number in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        highest = max(highest, min(1.0, (len(chances) - place) * chances[number]))
        adjusted[number] = highest
    return adjusted


def two_sided(z: float) -> float:
    """The p-value of a standard normal figure."""
    return float(2 * ndtr(-abs(z)))


def rates_differ(yes: float, rows: float, yes_before: float, rows_before: float) -> float:
    """The p-value of the two-proportion test with the pooled rate."""
    pooled = (yes + yes_before) / (rows + rows_before)
    deviation = math.sqrt(pooled * (1 - pooled) * (1 / rows + 1 / rows_before))
    return 1.0 if deviation == 0 else two_sided((yes / rows - yes_before / rows_before) / deviation)


def odds_ratio(rate: float, before: float) -> float:
    """Of two rates; infinity where one is certain and the other is not."""
    odds = [one / (1 - one) if one < 1 else math.inf for one in (rate, before)]
    if odds[0] == odds[1]:
        return 1.0
    return math.inf if odds[1] == 0 or math.isinf(odds[0]) else odds[0] / odds[1]


__all__ = ["chance", "holm", "odds_ratio", "rates_differ", "stability_index", "two_sided"]
