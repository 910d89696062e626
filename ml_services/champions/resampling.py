"""Two models on the same rows: their headline metric, the difference, and how far another draw of rows could move it.

Yes/no: ROC AUC. Classes and labels: macro one-vs-rest ROC AUC, as on the card. Amounts: Spearman's rank correlation,
the card's headline, which neither a few large amounts nor another currency decide.

Up to `BOOTSTRAP_CELLS` the interval is a paired bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap",
1993, 13.3), rows drawn within each class so that every draw has both. Beyond, the AUC's comes from DeLong's paired
variance (Biometrics 1988), with which a test shows that the bootstrap agrees; amounts are then judged by a part.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_services.evaluation import NORMAL_95, auc_influence, one_vs_rest, roc_auc

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

RESAMPLES = 2_000
BOOTSTRAP_CELLS, BOOTSTRAP_AMOUNTS = 5_000, 10_000
"""Rows times classes, and amounts, of which 2,000 draws take a second or two."""
CELLS_AT_ONCE = 2_000_000
TAIL = 0.025
METRICS = {"binary": "roc_auc", "classes": "roc_auc", "tags": "roc_auc", "value": "spearman"}
"""What is compared of each task, all of them better when larger."""


@dataclass(frozen=True)
class Difference:
    """The metric of both, challenger minus champion, its 95 % interval and standard error."""

    champion: float
    challenger: float
    difference: float
    low: float
    high: float
    error: float


def difference(task: str, y: Floats, champion: Floats, challenger: Floats, seed: int) -> Difference:
    """Shapes as in `evaluation`: y (n,), the answers (n,) or (n, K); of labels both (n, labels)."""
    if task == "value":
        most = min(len(y), BOOTSTRAP_AMOUNTS)
        rows = np.sort(np.random.default_rng(seed).permutation(len(y))[:most])
        y, champion, challenger = y[rows], champion[rows], challenger[rows]
        pair = [_ranker(y, champion), _ranker(y, challenger)]
        return _bootstrapped(pair, (y > 0).astype(np.int64), seed)
    each, other = one_vs_rest(y, champion), one_vs_rest(y, challenger)
    if len(y) * len(each) > BOOTSTRAP_CELLS:
        return delong(each, other)
    strata = y.astype(np.int64) if y.ndim == 1 else np.zeros(len(y), np.int64)
    return _bootstrapped([_macro(each), _macro(other)], strata, seed)


def delong(champion: list[tuple[Floats, Floats]], challenger: list[tuple[Floats, Floats]]) -> Difference:
    """By the variance of the difference of correlated AUCs; of several classes, of the difference of their means."""
    before, after = (float(np.mean([roc_auc(t, s) for t, s in pairs])) for pairs in (champion, challenger))
    moved = [
        auc_influence(t, new) - auc_influence(t, old)
        for (t, old), (_, new) in zip(champion, challenger, strict=True)
    ]  # fmt: skip
    error = math.sqrt(float((np.mean(moved, axis=0) ** 2).sum()))
    gap = after - before
    return Difference(before, after, gap, gap - NORMAL_95 * error, gap + NORMAL_95 * error, error)


def draws(strata: Rows, seed: int, resamples: int = RESAMPLES) -> Iterator[Floats]:
    """How often each row is drawn, (some, n) at a time: as many of each stratum as there are."""
    rng, n = np.random.default_rng(seed), len(strata)
    groups = [np.flatnonzero(strata == code) for code in np.unique(strata)]
    at_once = max(CELLS_AT_ONCE // n, 1)
    for start in range(0, resamples, at_once):
        count = min(at_once, resamples - start)
        offset = (np.arange(count) * n)[:, None]
        picked = [offset + rows[rng.integers(0, len(rows), (count, len(rows)))] for rows in groups]
        flat = np.concatenate([one.ravel() for one in picked])
        yield np.bincount(flat, minlength=count * n).reshape(count, n).astype(np.float64)


Measure = Callable[[Floats], Floats]
"""A metric of weighted rows: (draws, n) to (draws,)."""


def _bootstrapped(pair: list[Measure], strata: Rows, seed: int) -> Difference:
    """Percentile interval."""
    once = np.ones((1, len(strata)))
    before, after = (float(measure(once)[0]) for measure in pair)
    gaps = np.concatenate([pair[1](drawn) - pair[0](drawn) for drawn in draws(strata, seed)])
    low, high = np.quantile(gaps, [TAIL, 1 - TAIL])
    return Difference(before, after, after - before, float(low), float(high), float(gaps.std()))


def _macro(pairs: list[tuple[Floats, Floats]]) -> Measure:
    each = [_area(truth, score) for truth, score in pairs]
    return lambda weights: np.asarray(np.mean([area(weights) for area in each], axis=0))


@dataclass(frozen=True)
class _Order:
    """Rows by score: where in that order each row's ties begin and end."""

    order: Rows
    begins: Rows
    ends: Rows

    @classmethod
    def of(cls, score: Floats) -> _Order:
        order = np.argsort(score, kind="stable")
        ordered = score[order]
        return cls(order, np.searchsorted(ordered, ordered, "left"), np.searchsorted(ordered, ordered, "right"))

    def below(self, weights: Floats) -> Floats:
        """For each row in order: the weight of lower scores and half of that of equal ones, (draws, n)."""
        sums = np.zeros((len(weights), len(self.order) + 1))
        np.cumsum(weights[:, self.order], axis=1, out=sums[:, 1:])
        return np.asarray((sums[:, self.begins] + sums[:, self.ends]) / 2)


def _area(truth: Floats, score: Floats) -> Measure:
    """ROC AUC of weighted rows: of all pairs the weight of those in the right order, ties half."""
    by = _Order.of(score)
    one = truth[by.order] == 1

    def measure(weights: Floats) -> Floats:
        beaten = by.below(weights * (truth == 0))[:, one]
        mine = weights[:, by.order][:, one]
        pairs = mine.sum(axis=1) * (weights * (truth == 0)).sum(axis=1)
        return np.asarray((mine * beaten).sum(axis=1) / np.maximum(pairs, 1e-300))

    return measure


def _ranker(y: Floats, said: Floats) -> Measure:
    """Spearman's correlation of weighted rows: ranks are taken anew in each draw."""
    first, second = _Order.of(y), _Order.of(said)
    back = [np.argsort(by.order) for by in (first, second)]

    def measure(weights: Floats) -> Floats:
        a, b = (by.below(weights)[:, place] for by, place in zip((first, second), back, strict=True))
        total = weights.sum(axis=1, keepdims=True)
        a, b = (r - (weights * r).sum(axis=1, keepdims=True) / total for r in (a, b))
        spread = np.sqrt((weights * a * a).sum(axis=1) * (weights * b * b).sum(axis=1))
        return np.asarray((weights * a * b).sum(axis=1) / np.maximum(spread, 1e-300))

    return measure


def correlation(one: Floats, other: Floats) -> float:
    """Spearman's, 0 where one of them is constant."""
    return float(_ranker(one, other)(np.ones((1, len(one))))[0])


__all__ = ["METRICS", "RESAMPLES", "Difference", "correlation", "delong", "difference", "draws"]
