"""The leakage gate: columns that know the answer because they were written after it.

Excluded: a column that alone ranks the target with an ROC AUC of 0.98 or more, or removes nine tenths of the
uncertainty about it. Judged out of fold, so that ids and rare levels, which only memorize, score nothing.

Asked about: a column whose share in the model is too large. A column's information is what it takes off the target's
uncertainty (log loss against the class shares, as a fraction: the uncertainty coefficient, Theil 1970). It has two
fair readings: alone (first in), and what the full model loses without it (last in); redundant columns look big first
and small last, interacting ones the other way round. Their mean, the Shapley value's two extremes, must stay below
one fifth of all uncertainty. Measured on public files: the strongest honest column of each of seven lies between 0.08
and 0.16; columns known to be written after the event at 0.24 and 0.38.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_services.calibration import log_loss
from ml_services.clock import GATE_SHARE, Clock, forever
from ml_services.evaluation import one_vs_rest, roc_auc
from ml_services.families import Family, Floats, Fold, Problem, cross_validate

LEAK_AUC = 0.98
LEAK_INFORMATION = 0.9
ASK_INFORMATION = 0.2
ASK_INFORMATION_VALUE = 0.7
"""For amounts, where one honest column (how many are bought) may well explain half."""
FEWEST_ROWS, MOST_ROWS = 2_000, 20_000
"""Rows looked at; more change no verdict."""
LOOK_SHARE = 0.15
"""Of the budget: as many rows are looked at as let all models of the gate be learned within it."""
SECONDS_A_MILLION_CELLS = 1.2
"""CPU seconds of one of its models in five folds, measured; two threads gain `PARALLEL`."""
PARALLEL = 1.7
BINS = 40
PRIOR_ROWS = 2.0
"""Rows at the average that every bin starts with."""
GATE_PARAMS = {"learning_rate": 0.1, "num_leaves": 8, "max_depth": 4, "most_rounds": 100}
MOST_LEFT_OUT = 6
"""Columns for which a model without them is learned."""


@dataclass(frozen=True)
class Suspicion:
    """What one input column knows. `information` in [0, 1] alone; `lost`: what the model loses without it, NaN where
    that was not tried; `auc`: alone (macro one-vs-rest; amounts: 0.5 + half the rank correlation)."""

    column: str
    auc: float
    information: float
    loss: float
    lost: float = float("nan")

    @property
    def lean(self) -> float:
        """Mean of the two readings of its information."""
        return (self.information + self.lost) / 2

    @property
    def leaks(self) -> bool:
        """Whether it all but gives the target away."""
        return self.auc >= LEAK_AUC or self.information >= LEAK_INFORMATION


def sample(problem: Problem, seed: int, budget_s: float = float("inf")) -> Problem:
    """As many rows, drawn evenly, as the budget lets look at."""
    a_row = (1 + MOST_LEFT_OUT) * SECONDS_A_MILLION_CELLS * problem.cells / len(problem.y) / 1e6
    most = int(np.clip(LOOK_SHARE * budget_s * PARALLEL / a_row, FEWEST_ROWS, MOST_ROWS))
    if len(problem.y) <= most:
        return problem
    return problem.part(np.sort(np.random.default_rng(seed).permutation(len(problem.y))[:most]))


def columns_of(problem: Problem) -> dict[str, list[int]]:
    """The encoded features of each input column."""
    found: dict[str, list[int]] = {}
    for k, feature in enumerate(problem.features):
        found.setdefault(feature.field, []).append(k)
    return found


def examine(
    problem: Problem, family: Family, folds: Sequence[Fold], seed: int, clock: Clock | None = None
) -> list[Suspicion]:
    """What each column knows alone, strongest first. Without time for a model of a column's parts, the part that
    knows most speaks for it."""
    clock, truth, found = clock or forever(), _truth(problem), []
    for column, features in columns_of(problem).items():
        if len(features) > 1 and clock.past(GATE_SHARE):
            clock.leave("a look at several parts of one column (a date's, a text's) together in the leakage gate")
        elif len(features) > 1:
            found.append(Suspicion(column, *_worth(problem, _modelled(problem.only(features), family, folds, seed))))
            continue
        said = [bin_means(problem, feature, truth, folds) for feature in features]
        parts = [Suspicion(column, *_worth(problem, one)) for one in said]
        found.append(max(parts, key=lambda one: one.information))
    return sorted(found, key=lambda one: -one.information)


def left_out(
    problem: Problem, suspicions: Sequence[Suspicion], family: Family, folds: Sequence[Fold], seed: int,
    clock: Clock | None = None,
) -> list[Suspicion]:  # fmt: skip
    """The columns that the model leans on too much, with what it loses without them."""
    clock = clock or forever()
    limit = ASK_INFORMATION_VALUE if problem.task == "value" else ASK_INFORMATION
    whole = _worth(problem, _modelled(problem, family, folds, seed))[1]
    columns = columns_of(problem)
    could = [one for one in suspicions if (one.information + whole) / 2 >= limit][:MOST_LEFT_OUT]
    asked = []
    for place, one in enumerate(could):
        if place > 0 and clock.past(GATE_SHARE):
            names = ", ".join(f"'{rest.column}'" for rest in could[place:])
            clock.leave(f"asking how far the model leans on {names}: is that known when you predict?")
            break
        rest = [k for name, features in columns.items() if name != one.column for k in features]
        without = _worth(problem, _modelled(problem.only(rest), family, folds, seed))[1] if rest else 0.0
        judged = Suspicion(one.column, one.auc, one.information, one.loss, max(whole - max(without, 0.0), 0.0))
        if judged.lean >= limit:
            asked.append(judged)
    return asked


def _bins(values: Floats, *, codes: bool) -> npt.NDArray[np.int64]:
    known = np.isfinite(values)
    if codes:
        return np.where(known, values + 1, 0).astype(np.int64)
    distinct = np.unique(values[known])
    if len(distinct) > BINS:
        distinct = np.unique(np.quantile(values[known], np.linspace(0, 1, BINS + 1)[1:-1], method="nearest"))
    return np.where(known, 1 + np.searchsorted(distinct, values), 0).astype(np.int64)


def bin_means(problem: Problem, feature: int, truth: Floats, folds: Sequence[Fold]) -> Floats:
    """What one feature says alone: the mean `truth` (n, m) of its bin over the rows learned from; (n, m), NaN for rows
    never judged."""
    bins = _bins(problem.X[:, feature], codes=problem.features[feature].kind == "category")
    said = np.full_like(truth, np.nan)
    size = int(bins.max()) + 1
    for learned, judged in folds:
        rows = np.bincount(bins[learned], minlength=size) + PRIOR_ROWS
        prior = truth[learned].mean(axis=0)
        sums = np.stack([np.bincount(bins[learned], column, minlength=size) for column in truth[learned].T], axis=1)
        said[judged] = ((sums + PRIOR_ROWS * prior) / rows[:, None])[bins[judged]]
    return said


def _modelled(problem: Problem, family: Family, folds: Sequence[Fold], seed: int) -> Floats:
    if problem.task == "value":
        ranks = _truth(problem)[:, 0]
        problem = Problem(problem.X, (ranks > 0.5).astype(np.float64), problem.features, "binary")
    raw = cross_validate(family, problem, GATE_PARAMS, folds, seed).raw
    with np.errstate(over="ignore"):
        if raw.ndim == 1:
            return (1.0 / (1.0 + np.exp(-raw)))[:, None]
        shares = np.exp(raw - raw.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _truth(problem: Problem) -> Floats:
    """(n, 1) 0/1, (n, K) one-hot, or (n, 1) ranks of amounts in [0, 1]."""
    if problem.task == "classes":
        return np.asarray(np.eye(problem.n_classes)[problem.y.astype(np.int64)])
    if problem.task == "value":
        from scipy.stats import rankdata

        return np.asarray(rankdata(problem.y) / len(problem.y))[:, None]
    return problem.y[:, None].copy()


def _worth(problem: Problem, said: Floats) -> tuple[float, float, float]:
    """AUC, information and loss of what was `said`, over the rows judged."""
    judged = np.isfinite(said).all(axis=1)
    truth, said = _truth(problem)[judged], said[judged]
    if problem.task == "value":
        varied = np.ptp(said) > 0
        rank = float(np.corrcoef(truth[:, 0], said[:, 0])[0, 1]) if varied else 0.0
        return 0.5 + abs(rank) / 2, max(rank, 0.0) ** 2, float(((truth - said) ** 2).mean())
    y = truth[:, 0] if problem.task == "binary" else truth.argmax(axis=1).astype(np.float64)
    probability = said[:, 0] if problem.task == "binary" else said
    guess = np.broadcast_to(truth.mean(axis=0), truth.shape)
    guessed = log_loss(y, guess[:, 0] if problem.task == "binary" else guess)
    loss = log_loss(y, np.clip(probability, 1e-6, 1 - 1e-6))
    area = float(np.mean([roc_auc(t, p) for t, p in one_vs_rest(y, probability)] or [0.5]))
    return area, 1.0 - loss / max(guessed, 1e-12), loss
