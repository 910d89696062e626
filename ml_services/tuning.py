"""The competition: settings of each family by cross-validation, then a blend of the best, within the time given.

How many settings are tried is worked out beforehand from rows, columns and classes, so that the same file gives the
same model on any machine; the clock only stops a run that would not end in time, and then the card says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ml_services.blending import blend
from ml_services.families import Family, Fold, Problem, Trial, cross_validate
from ml_services.judging import judge_trial

TUNING_SHARE = 0.6
"""Of the time budget; reading, the gate, the final fits and a slower machine share the rest."""
STOP_SHARE = 0.75
"""Of the budget: after that no further setting is begun."""
CELLS_PER_SECOND = {"logistic_regression": 4e6, "random_forest": 1.2e6, "xgboost": 0.55e6, "lightgbm": 0.55e6}
"""Rows x columns x outputs that five-fold judging of one setting gets through in a second on two cores, measured
low."""
SECONDS_PER_TRIAL = 0.15
MOST_TUNED_ROWS = 100_000
"""Settings are compared on so many rows at most; the final model learns from all."""


@dataclass
class Clock:
    """The time budget of a training run."""

    budget_s: float
    started: float = field(default_factory=time.perf_counter)

    @property
    def spent_s(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started

    @property
    def over(self) -> bool:
        """Whether to begin nothing more."""
        return self.spent_s > STOP_SHARE * self.budget_s


@dataclass
class Search:
    """The outcome: the best trial of each family, best first; the blend where one was earned; what was tried."""

    best: list[Trial]
    blended: Trial | None
    tried: int
    planned: int
    cut: bool

    @property
    def champion(self) -> Trial:
        """What serves."""
        return self.blended or self.best[0]


Tell = Callable[[float, str], None]
"""`tell(fraction of the search, what was found)`."""


def plan(problem: Problem, families: Sequence[Family], folds: int, budget_s: float) -> list[tuple[Family, int]]:
    """(family, number of its setting) in the order of work: every family's default first, then in turns, as many as
    the budget holds."""
    settings = {family.name: len(family.settings(problem)) for family in families}
    cells = problem.X.size * problem.n_outputs * folds / 5
    left = TUNING_SHARE * budget_s
    chosen: list[tuple[Family, int]] = []
    for number in range(max(settings.values())):
        for family in families:
            cost = SECONDS_PER_TRIAL + cells / CELLS_PER_SECOND[family.name]
            if number < settings[family.name] and (number == 0 or cost <= left):
                chosen.append((family, number))
                left -= cost
    return chosen


def search(
    problem: Problem, families: Sequence[Family], folds: Sequence[Fold], seed: int, clock: Clock, tell: Tell
) -> Search:
    """Judges the planned settings; the loss of a trial is that of its calibrated out-of-fold scores."""
    work = plan(problem, families, len(folds), clock.budget_s)
    trials: list[Trial] = []
    for number, (family, setting) in enumerate(work):
        if clock.over and trials:
            break
        trial = cross_validate(family, problem, family.settings(problem)[setting], folds, seed)
        judge_trial(problem, trial, seed)
        trials.append(trial)
        best = min(trials, key=lambda one: one.loss)
        tell((number + 1) / len(work), f"{len(trials)} tried, best {best.family} at {best.loss:.4f}")
    leaders = [min((t for t in trials if t.family == f.name), key=lambda t: t.loss, default=None) for f in families]
    best_trials = sorted((t for t in leaders if t is not None), key=lambda trial: trial.loss)
    blended = blend(problem, best_trials, seed)
    return Search(best_trials, blended, len(trials), len(work), len(trials) < len(work))
