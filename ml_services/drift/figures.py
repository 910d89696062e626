"""The figures of a shift between two samples of counts: how large it is, and how likely by chance alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, chndtr, ndtr

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


def chance(before: Floats, now: Floats, least: float = 0.0) -> float:
    """The p-value of Pearson's chi-squared test that both counts (bins,) are of distributions whose stability index is
    at most `least` (0: of one distribution). Pearson's figure has then a noncentral chi-squared distribution, whose
    noncentrality is the index times the harmonic size of both samples: the reference is a sample too (K. R. Murphy
    and B. Myors, Journal of Applied Psychology 84(2), 1999, on testing against a least effect). Bins with few
    expected are put together first. 1.0 where nothing is left to compare."""
    rows = np.array([before.sum(), now.sum()])
    if rows.min() == 0:
        return 1.0
    table = _together(np.vstack([before, now]), rows)
    if table.shape[1] < 2:
        return 1.0
    expected = rows[:, None] * table.sum(axis=0) / rows.sum()
    found, freedom = float(((table - expected) ** 2 / expected).sum()), table.shape[1] - 1
    if least == 0:
        return float(chdtrc(freedom, found))
    centre = least * rows.prod() / rows.sum()
    below = float(chndtr(found, freedom, centre))
    if not 0 <= below <= 1:  # beyond what the series can sum: nearly normal by then
        below = float(ndtr((found - freedom - centre) / math.sqrt(2 * (freedom + 2 * centre))))
    return 1.0 - below


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


def mean_distance(edges: Floats, before: Floats, now: Floats) -> float:
    """How far the mean has moved, in standard deviations of the reference; of counts by bin (bins,), each taken at its
    middle, the outermost as wide as their neighbours."""
    if not len(edges) or before.sum() == 0 or now.sum() == 0:
        return 0.0
    steps = np.diff(edges) if len(edges) > 1 else np.ones(1)
    middles = np.concatenate([[edges[0] - steps[0] / 2], edges[:-1] + np.diff(edges) / 2, [edges[-1] + steps[-1] / 2]])
    mean = float(np.average(middles, weights=before))
    deviation = math.sqrt(float(np.average((middles - mean) ** 2, weights=before)))
    moved = float(np.average(middles, weights=now)) - mean
    return moved / deviation if deviation else 0.0


def beyond(difference: float, least: float, deviation: float) -> float:
    """The p-value that a difference, whose estimate has this standard deviation, is at most `least` either way."""
    if deviation == 0:
        return 1.0
    return float(ndtr((least - abs(difference)) / deviation) + ndtr((-least - abs(difference)) / deviation))


def log_odds(yes: float, rows: float) -> tuple[float, float]:
    """Of a rate, and its variance; a half is added to both counts."""
    yes, no = yes + HALF, rows - yes + HALF
    return math.log(yes / no), 1 / yes + 1 / no


__all__ = ["beyond", "chance", "holm", "log_odds", "mean_distance", "stability_index"]
