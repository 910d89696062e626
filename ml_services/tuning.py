"""The competition: settings of each family by cross-validation, then a blend of the best, within the time given.

How many settings are tried, and on how many rows, is worked out beforehand from rows, columns and classes, so that the
same file gives the same model on any machine; the clock only stops a run that would not end in time, and then the card
says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from ml_services.blending import blend
from ml_services.families import Family, Fold, Params, Problem, Trial, cross_validate
from ml_services.forest import Forest
from ml_services.judging import judge_trial, paired_gain

TUNING_SHARE = 0.5
"""Of the time budget; reading, the gate, the final fits and a slower machine share the rest."""
STOP_SHARE = 0.75
"""Of the budget: after that no further setting is begun."""
ONE_TRIAL_SHARE = 0.07
"""Of the budget: settings are compared on as many rows as let one trial stay within it."""
FEWEST_TUNED_ROWS, MOST_TUNED_ROWS = 2_000, 100_000
LEARNING_SHARE = 0.12
"""Of the budget, for each of the two final fits: of more rows than that allows, a random part is learned from."""
TRIAL_SECONDS = 0.3
PARALLEL = 1.7
"""What two threads gain."""
LEAST_STEP_GAIN = 3e-4
"""Of the loss: a smaller gain is no reason to move."""
MOST_STEPS = 40
MOST_TRIALS = 48
DOUBT = 2.0
"""Standard errors."""


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
    """The outcome: the best trial of each family, best first; the blend where one was earned; settings tried; whether
    the clock cut it."""

    best: list[Trial]
    blended: Trial | None
    tried: int
    cut: bool

    @property
    def champion(self) -> Trial:
        """What serves."""
        return self.blended or self.best[0]


Tell = Callable[[float, str], None]
"""`tell(fraction of the search, what was found)`."""


def seconds_of(family: Family, problem: Problem, folds: int) -> float:
    """What one trial should take."""
    return (TRIAL_SECONDS + family.cost * problem.cells / 1e6) * folds / 5 / PARALLEL


def tuned_rows(problem: Problem, budget_s: float) -> int:
    """Rows on which settings are compared."""
    affordable = ONE_TRIAL_SHARE * budget_s * PARALLEL / (4.0 * problem.cells / len(problem.y) / 1e6)
    return int(np.clip(affordable, FEWEST_TUNED_ROWS, MOST_TUNED_ROWS))


def learned_rows(problem: Problem, budget_s: float) -> int:
    """Rows that the final fits learn from: one fit costs a fourth of five folds of four fifths."""
    return int(max(LEARNING_SHARE * budget_s * PARALLEL / (problem.cells / len(problem.y) / 1e6), FEWEST_TUNED_ROWS))


def search(
    problem: Problem, families: Sequence[Family], folds: Sequence[Fold], seed: int, clock: Clock, tell: Tell
) -> Search:
    """Judges settings until the planned time is used up; the loss of a trial is that of its calibrated out-of-fold
    scores."""
    left = TUNING_SHARE * clock.budget_s
    planned, trials, cut = left, list[Trial](), False
    for family, params in _work(problem, families, trials):
        cost = seconds_of(family, problem, len(folds))
        if len(trials) >= MOST_TRIALS:
            break
        if cost > left and len(trials) >= len(families):
            continue
        if clock.over and trials:
            cut = True
            break
        trial = cross_validate(family, problem, params, folds, seed)
        judge_trial(problem, trial, seed)
        trials.append(trial)
        left -= cost
        best = min(trials, key=lambda one: one.loss)
        tell(min(1.0 - left / planned, 1.0), f"{len(trials)} tried, best {best.family} at {best.loss:.4f}")
    if not cut:
        trials += [
            bagged
            for leader in _leaders(trials)[:2]
            if (bagged := _bagged(problem, families, leader, folds, seed)) is not None
        ]
    leaders = _leaders(trials)
    return Search(leaders, blend(problem, _blendable(trials, leaders), seed), len(trials), cut)


def _work(problem: Problem, families: Sequence[Family], trials: list[Trial]) -> Iterator[tuple[Family, Params]]:
    """The portfolios in turns, every family's default first; then steps from the best of the families that lead.
    Reads `trials`, to which the caller adds what came of each setting."""
    settings = {family.name: family.settings(problem) for family in families}
    for number in range(max(map(len, settings.values()))):
        for family in families:
            if number < len(settings[family.name]):
                yield family, settings[family.name][number]
    for _ in range(MOST_STEPS):
        moved = False
        for leader in _leaders(trials)[:2]:
            family = next(family for family in families if family.name == leader.family)
            seen = [trial.params for trial in trials if trial.family == leader.family]
            for params in family.neighbours(leader.params):
                if params in seen:
                    continue
                moved = True
                yield family, params
                now = next(trial for trial in _leaders(trials) if trial.family == leader.family)
                if now.loss < leader.loss * (1 - LEAST_STEP_GAIN):
                    break
        if not moved:
            return


def _bagged(
    problem: Problem, families: Sequence[Family], trial: Trial, folds: Sequence[Fold], seed: int
) -> Trial | None:
    """The same setting as a mean over seeds; None where that is not better, or not to be had."""
    family = next(family for family in families if family.name == trial.family)
    copies = family.copies(problem, trial)
    if copies < 2:
        return None
    runs = [cross_validate(family, problem, trial.params, folds, seed + number) for number in range(1, copies)]
    raw = np.mean([trial.raw, *(run.raw for run in runs)], axis=0)
    seconds = trial.seconds + sum(run.seconds for run in runs)
    bagged = Trial(trial.family, trial.params, trial.rounds, raw, seconds, copies=copies)
    judge_trial(problem, bagged, seed)
    return bagged if bagged.loss < trial.loss else None


def _leaders(trials: Sequence[Trial]) -> list[Trial]:
    """The best trial of each family, best first. Against a family's default, a trial counts with its gain less two
    standard errors: the best of many settings looks better than it is, most of all where rows are few (Cawley and
    Talbot, "On over-fitting in model selection", JMLR 2010)."""
    best: dict[str, Trial] = {}
    for family in dict.fromkeys(trial.family for trial in trials):
        own = [trial for trial in trials if trial.family == family]
        best[family] = max(own, key=lambda trial: _sure_gain(own[0], trial))
    return sorted(best.values(), key=lambda trial: trial.loss)


def _sure_gain(default: Trial, trial: Trial) -> float:
    gain, error = paired_gain(default.judgement, trial.judgement)
    return gain - DOUBT * error


def _blendable(trials: Sequence[Trial], leaders: Sequence[Trial]) -> list[Trial]:
    """The leaders, and the best other setting of the leading family that reads categories differently. A forest only
    where it leads: its deep trees make reasons slow."""
    first = leaders[0]
    others = [t for t in trials if t.family == first.family and t.params.get("native") != first.params.get("native")]
    quick = [trial for trial in leaders if trial is first or trial.family != Forest.name]
    return sorted([*quick, *sorted(others, key=lambda trial: trial.loss)[:1]], key=lambda trial: trial.loss)
