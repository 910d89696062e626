"""What every model family's trained part can do: raw scores and their exact additive effects.

A row is k float64 numbers, NaN where missing, categories as codes. Raw is log-odds (two classes), log margins (K
classes) or the value, or its logarithm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from ml_services.additive import AdditiveScorer, Curve, Floats, Levels
from ml_services.boosters import LightGBMScorer, XGBoostScorer
from ml_services.native import Row
from ml_services.rebuilt import Threads


class Scorer(Protocol):
    """What every family's trained part can do. `n_outputs`: 1, or K for K classes."""

    n_outputs: int
    n_features: int

    def raw_one(self, row: Row) -> Any:
        """A float, or (K,)."""

    def raw(self, X: Floats) -> Floats:
        """(n,), or (n, K)."""

    def effects_one(self, row: Row) -> tuple[Any, Floats]:
        """Base (float, or (K,)) and effects (k,) or (k, K); base + effects.sum(axis=0) = raw to 1e-6."""

    def effects(self, X: Floats) -> tuple[Any, Floats]:
        """Base and effects (n, k), or (n, k, K)."""


class Blend:
    """The weighted sum of other scorers' raw scores, so that effects stay exactly additive."""

    def __init__(self, members: Sequence[Scorer], weights: Sequence[float]) -> None:
        self.members, self.weights = list(members), [float(weight) for weight in weights]
        self._pairs = list(zip(self.members, self.weights, strict=True))
        self.n_outputs, self.n_features = self.members[0].n_outputs, self.members[0].n_features

    def raw_one(self, row: Row) -> Any:
        return sum(weight * member.raw_one(row) for member, weight in self._pairs)

    def raw(self, X: Floats) -> Floats:
        return np.asarray(sum(weight * member.raw(X) for member, weight in self._pairs))

    def effects_one(self, row: Row) -> tuple[Any, Floats]:
        found = [(weight, *member.effects_one(row)) for member, weight in self._pairs]
        return sum(w * base for w, base, _ in found), np.asarray(sum(w * effects for w, _, effects in found))

    def effects(self, X: Floats) -> tuple[Any, Floats]:
        found = [(weight, *member.effects(X)) for member, weight in self._pairs]
        return sum(w * base for w, base, _ in found), np.asarray(sum(w * effects for w, _, effects in found))


__all__ = [
    "AdditiveScorer",
    "Blend",
    "Curve",
    "Levels",
    "LightGBMScorer",
    "Scorer",
    "Threads",
    "XGBoostScorer",
]
