"""How many segments: by silhouette and by stability, not by silhouette alone, which rewards splitting off outliers.

Silhouette: Rousseeuw, Journal of Computational and Applied Mathematics 20, 1987. Stability: agreement of clusterings
of bootstrap samples with that of all rows, as adjusted Rand index (Hubert and Arabie, Journal of Classification 2,
1985; Ben-Hur, Elisseeff and Guyon, 2002).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml_services.segmentation.space import Floats

DEFAULT_K = 5
LEAST_K, MOST_K = 2, 10
ROWS_A_SEGMENT = 10
"""A table needs so many rows for every segment tried."""
STRUCTURE = 0.25
"""Silhouettes up to here show no substantial structure (Kaufman and Rousseeuw, Finding Groups in Data, 1990)."""
STRONG_STRUCTURE = 0.5
"""Up to here it is weak and may be artificial (the same)."""
STABLE = 0.6
SMALLEST_SHARE = 0.02
"""Segments below this share count against a number of segments, in proportion."""
AS_GOOD = 0.95
"""Numbers of segments whose score reaches this share of the best count as equally good: the default, or the one
nearest to it, is taken."""
MOST_ROWS = 3_000
BOOTSTRAPS = 15
STARTS = 10


@dataclass(frozen=True, slots=True)
class Tried:
    """One number of segments. `smallest`: the smallest segment's share of the rows."""

    k: int
    silhouette: float
    stability: float
    smallest: float
    fit_s: float

    @property
    def score(self) -> float:
        return self.silhouette * max(self.stability, 0.0) * min(self.smallest / SMALLEST_SHARE, 1.0)


def cluster(Z: Floats, k: int, seed: int, *, starts: int = STARTS) -> Any:
    """A fitted K-means (Lloyd; k-means++ starts: Arthur and Vassilvitskii, 2007), the best of several starts. One
    thread: sums in another order would give another model."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):
        return KMeans(k, n_init=starts, random_state=seed).fit(Z)


def try_all(Z: Floats, seed: int, tell: Callable[[float], None]) -> list[Tried]:
    """Every number of segments that the rows allow, on a sample of many rows."""
    sample = Z
    if len(Z) > MOST_ROWS:
        sample = Z[np.sort(np.random.default_rng(seed).choice(len(Z), MOST_ROWS, replace=False))]
    distinct = len(np.unique(sample, axis=0))
    most = min(MOST_K, len(sample) // ROWS_A_SEGMENT, distinct - 1)
    found = []
    for k in range(LEAST_K, most + 1):
        tell((k - LEAST_K) / (most + 1 - LEAST_K))
        found.append(_try(sample, k, seed))
    return found


def _try(Z: Floats, k: int, seed: int) -> Tried:
    from sklearn.metrics import adjusted_rand_score, silhouette_score
    from threadpoolctl import threadpool_limits

    started = time.monotonic()
    whole = cluster(Z, k, seed).labels_
    rng = np.random.default_rng(seed)
    agreements = []
    with threadpool_limits(1):
        silhouette = float(silhouette_score(Z, whole))
        for turn in range(BOOTSTRAPS):
            rows = rng.integers(0, len(Z), len(Z))
            other = cluster(Z[rows], k, seed + turn, starts=3).predict(Z)
            agreements.append(float(adjusted_rand_score(whole, other)))
    smallest = float(np.bincount(whole, minlength=k).min() / len(Z))
    return Tried(k, silhouette, float(np.mean(agreements)), smallest, time.monotonic() - started)


def choose(tried: list[Tried], *, continuum: bool = False) -> tuple[Tried, bool]:
    """The number taken, and whether the data decided it; where no structure shows, the default. `continuum`: of
    customers by recency, frequency and spending it is known that they grade into one another, and that two halves are
    what a weak silhouette then likes best; the default serves if it is stable."""
    best = max(tried, key=lambda one: one.score)
    decided = best.silhouette > STRUCTURE and best.stability >= STABLE
    if continuum and best.silhouette <= STRONG_STRUCTURE:
        decided &= not any(one.k == DEFAULT_K and one.stability >= STABLE for one in tried)
    good = [one for one in tried if one.score >= AS_GOOD * best.score] if decided else tried
    return min(good, key=lambda one: (abs(one.k - DEFAULT_K), -one.score)), decided


__all__ = ["DEFAULT_K", "MOST_K", "Tried", "choose", "cluster", "try_all"]
