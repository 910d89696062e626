"""The logarithm of a customer's value as one additive score: purchase model and boosted trees together.

Effects are exact. Those of trees are TreeSHAP's; those of the purchase model are Shapley values of its four fields
against the customer in the middle (all 16 combinations are computed; Shapley, "A value for n-person games", 1953).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial, log
from typing import Any

import numpy as np

from ml_services.boosters import LightGBMScorer
from ml_services.lifetime.bgnbd import PurchaseModel
from ml_services.lifetime.rfm import DERIVED, Floats, derive

CORE = 4
"""Fields of the purchase model: frequency, recency, age, mean amount."""


@dataclass(frozen=True, slots=True)
class Member:
    """One logarithm: trees (or none), a shift, and how much of the purchase model's logarithms of purchases and of
    amount it starts from. What does not start from the purchases starts from the days."""

    trees: LightGBMScorer | None
    shift: float
    purchases: float
    amount: float
    fit_s: float = 0.0


def _shapley_weights(players: int) -> tuple[Any, Floats]:
    """All coalitions (2^p, p) as booleans, and (p, 2^p): what each coalition's worth adds to a player's share."""
    coalitions = [set(chosen) for size in range(players + 1) for chosen in combinations(range(players), size)]
    weights = np.zeros((players, len(coalitions)))
    for column, coalition in enumerate(coalitions):
        for player in range(players):
            others = len(coalition) - (player in coalition)
            weight = factorial(others) * factorial(players - others - 1) / factorial(players)
            weights[player, column] = weight if player in coalition else -weight
    return np.array([[player in c for player in range(players)] for c in coalitions]), weights


COALITIONS, SHAPLEY = _shapley_weights(CORE)


class ValueScorer:
    """A Scorer whose raw is log value. `centre` (at least 4,): the customer whom effects are counted from."""

    n_outputs = 1

    def __init__(self, model: PurchaseModel, members: Sequence[Member], days: float, centre: Floats) -> None:
        self.model, self.days, self.centre = model, days, centre[:CORE]
        self.n_features = len(centre)
        count = len(members)
        self.trees = [member.trees for member in members if member.trees is not None]
        self.weight = 1.0 / count
        self.purchases = sum(member.purchases for member in members) / count
        self.amount = sum(member.amount for member in members) / count
        self.constant = sum(m.shift + (1.0 - m.purchases) * log(days) for m in members) / count

    def _expected(self, X: Floats) -> Floats:
        answer = np.full(len(X), self.constant)
        if self.purchases:
            answer += self.purchases * self.model.log_purchases(X, self.days)
        if self.amount:
            answer += self.amount * self.model.log_amount(X)
        return answer

    def raw_one(self, row: Sequence[float]) -> float:
        X = np.array([row], dtype=np.float64)
        answer = float(self._expected(X)[0])
        if self.trees:
            derived = derive(X)[0].tolist()
            answer += self.weight * sum(trees.raw_one(derived) for trees in self.trees)
        return answer

    def raw(self, X: Floats) -> Floats:
        answer = self._expected(X)
        if self.trees:
            derived = derive(X)
            answer += self.weight * sum(trees.raw(derived) for trees in self.trees)
        return answer

    def effects_one(self, row: Sequence[float]) -> tuple[float, Floats]:
        X = np.array([row], dtype=np.float64)
        base, effects = self._expected_effects(X)
        if self.trees:
            derived = derive(X)[0].tolist()
            for trees in self.trees:
                part, told = trees.effects_one(derived)
                base, effects = base + self.weight * part, effects + self.weight * self._fold(told[None])
        return base, effects[0]

    def effects(self, X: Floats) -> tuple[float, Floats]:
        base, effects = self._expected_effects(X)
        if self.trees:
            derived = derive(X)
            for trees in self.trees:
                part, told = trees.effects(derived)
                base, effects = base + self.weight * part, effects + self.weight * self._fold(told)
        return base, effects

    def _fold(self, told: Floats) -> Floats:
        """Effects of derived features counted with the field that they stand for: (n, fields + 6) to (n, fields)."""
        folded = told[:, : self.n_features].copy()
        for position, (_, field) in enumerate(DERIVED):
            folded[:, field] += told[:, self.n_features + position]
        return folded

    def _expected_effects(self, X: Floats) -> tuple[float, Floats]:
        effects = np.zeros((len(X), self.n_features))
        base = float(self._expected(self.centre[None])[0])
        if self.purchases or self.amount:
            mixed = np.where(COALITIONS[None], X[:, None, :CORE], self.centre)
            worth = self._expected(mixed.reshape(-1, CORE)).reshape(len(X), -1)
            effects[:, :CORE] = worth @ SHAPLEY.T
        return base, effects


__all__ = ["Member", "ValueScorer"]
