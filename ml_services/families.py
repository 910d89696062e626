"""The model families that compete, and the one way in which each of them is judged.

A family knows its candidate settings, how to learn on some rows, and how to give a scorer that serves. Judging is
common: raw scores on rows that were not learned from, calibrated, compared by log loss (amounts: deviance and error).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ml_services.base import Task
from ml_services.encoding import Feature
from ml_services.scale_out import watched
from ml_services.scorers import Scorer

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Fold = tuple[Rows, Rows]
Params = Mapping[str, Any]

ROW_COST = 10
MOST_COST_OF_CLASSES = 4
MANY_FEATURES, FEATURE_COST = 300, 700
"""Each feature beyond so many costs as much as it has in so many rows, however few there are: trees look at its bins at
every node."""


@dataclass(frozen=True)
class Problem:
    """Encoded rows with their target. X (n, k): numbers, NaN where missing, categories as codes; y as in Target."""

    X: Floats
    y: Floats
    features: tuple[Feature, ...]
    task: Task
    n_classes: int = 2

    @property
    def n_outputs(self) -> int:
        """Raw scores a row: one, or one a class."""
        return self.n_classes if self.task == "classes" else 1

    @property
    def cells(self) -> float:
        """What learning costs in proportion to. Each row costs about ten columns beside its own, and each class its
        own trees, of which there are fewer the more classes there are."""
        rows, features = self.X.shape
        cells = rows * (features + ROW_COST) + FEATURE_COST * max(features - MANY_FEATURES, 0)
        return float(cells * min(self.n_outputs, MOST_COST_OF_CLASSES))

    @property
    def categories(self) -> list[int]:
        """Column numbers that hold category codes."""
        return [k for k, feature in enumerate(self.features) if feature.kind == "category"]

    def part(self, rows: Rows) -> Problem:
        """The same on some rows."""
        return Problem(self.X[rows], self.y[rows], self.features, self.task, self.n_classes)

    def only(self, columns: Sequence[int]) -> Problem:
        """The same on some features."""
        kept = list(columns)
        return Problem(self.X[:, kept], self.y, tuple(self.features[k] for k in kept), self.task, self.n_classes)


@dataclass
class Trial:
    """One setting of one family, judged by cross-validation. `raw` (n,) or (n, K): mean raw score over the times that
    a row was judged, NaN for rows never judged; `rounds`: trees a booster should grow, else 0; `judgement`: see
    `judging`; `members`: of a blend, with their weights; `copies`: models of other seeds averaged into one."""

    family: str
    params: dict[str, Any]
    rounds: int
    raw: Floats
    seconds: float
    loss: float = float("nan")
    judgement: Any = None
    members: tuple[tuple[Trial, float], ...] = ()
    copies: int = 1


class Family(ABC):
    """One kind of model."""

    name: ClassVar[str]
    title: ClassVar[str]
    cost: ClassVar[float]
    """CPU seconds to judge a default setting on a million cells (see `Problem.cells`) in five folds, roughly."""

    library: ClassVar[str] = "sklearn"
    """The package that it needs. A native library that is missing beneath it raises OSError."""

    @abstractmethod
    def settings(self, problem: Problem) -> list[dict[str, Any]]:
        """Candidate settings, the safest default first, then in the order worth trying."""

    def copies(self, problem: Problem, trial: Trial) -> int:
        """Models that differ by seed alone worth averaging (bagging, Breiman 1996)."""
        return 1

    def neighbours(self, params: Params) -> list[dict[str, Any]]:
        """Settings one step away from `params`, the most telling step first; none where there is nothing to refine."""
        return []

    def most_rows(self, problem: Problem, params: Params) -> int:
        """Rows of `problem` that `learn` takes, drawn evenly; fewer than there are where more would teach nothing."""
        return len(problem.y)

    @abstractmethod
    def learn(self, problem: Problem, params: Params, rounds: int, seed: int) -> Scorer:
        """The scorer that serves, learned from all rows of `problem`."""

    @abstractmethod
    def judge(self, problem: Problem, params: Params, folds: Sequence[Fold], seed: int) -> tuple[int, list[Floats]]:
        """The rounds chosen, and the raw scores of each fold's judged rows."""

    def available(self) -> bool:
        """False where its library cannot be loaded; the family is then left out with a note."""
        try:
            import_module(self.library)
        except (ImportError, OSError):
            return False
        return True


def cross_validate(family: Family, problem: Problem, params: Params, folds: Sequence[Fold], seed: int) -> Trial:
    """Judges one setting on all folds."""
    with watched() as watch:
        rounds, judged = family.judge(problem, params, folds, seed)
    shape = (len(problem.y),) if problem.n_outputs == 1 else (len(problem.y), problem.n_outputs)
    total, times = np.zeros(shape), np.zeros(len(problem.y))
    for (_, rows), raw in zip(folds, judged, strict=True):
        total[rows] += raw
        times[rows] += 1
    with np.errstate(invalid="ignore"):
        mean = total / (times if problem.n_outputs == 1 else times[:, None])
    return Trial(family.name, dict(params), rounds, mean, watch.seconds)
