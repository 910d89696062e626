"""The competition: settings of each family by cross-validation, then a blend of the best, within the time given.

How many settings are tried, and on how many rows, is worked out beforehand from rows, columns and classes, so that the
same file gives the same model on any machine; the clock only stops a run that would not end in time, and then the card
says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ml_services.blending import blend
from ml_services.clock import Clock
from ml_services.families import Family, Fold, Params, Problem, Trial, cross_validate
from ml_services.forest import Forest
from ml_services.judging import judge_trial, paired_gain
from ml_services.lookahead import Lookahead
from ml_services.scale_out import PARALLEL
from ml_services.splitting import FOLDS

TUNING_SHARE = 0.42
"""Of the time budget; reading, the gate, the final fits and a slower machine share the rest."""
BAGGING_SHARE = 0.15
"""Of the budget, for learning the leaders again with other seeds."""
ONE_TRIAL_SHARE = 0.07
"""Of the budget: settings are compared on as many rows as let one trial stay within it."""
FEWEST_TUNED_ROWS, MOST_TUNED_ROWS = 2_000, 100_000
LEARNING_SHARE = 0.12
"""Of the budget, for each of the two final fits: of more rows than that allows, a random part is learned from."""
GRACE_S = 5.0
"""Beyond the budget, rather than a model of fewer rows."""
TRIAL_SECONDS = 0.3
LEAST_STEP_GAIN = 3e-4
"""Of the loss: a smaller gain is no reason to move."""
MOST_STEPS = 40
MOST_TRIALS = 48
DOUBT, DOUBT_WITH_FEW_ROWS, FEW_ROWS = 1.0, 2.0, 1000
"""Standard errors (one: the rule of Breiman et al., CART, 1984)."""
BAGGED = 2
"""Leaders that are."""


@dataclass
class Search:
    """The best trial of each family, best first; the blend where one was earned; settings tried; whether it was cut."""

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


def rows_in_time(trial: Trial, folds: int, clock: Clock) -> int:
    """Rows that the final fits may learn from, if they are to end in the budget and a little more, by what the trial
    took to be judged; they always have their share."""
    if not clock.hurried:
        return len(trial.judgement.rows) * folds
    seconds = max(clock.budget_s + GRACE_S - clock.spent_s, LEARNING_SHARE * clock.budget_s)
    learned = len(trial.judgement.rows) * folds * (1 - 1 / FOLDS)
    return int(max(seconds * learned / (PARALLEL * trial.seconds), FEWEST_TUNED_ROWS))


def search(
    problem: Problem, families: Sequence[Family], folds: Sequence[Fold], seed: int, clock: Clock, tell: Tell
) -> Search:
    """Judges settings until the planned time is used up; the loss of a trial is that of its calibrated out-of-fold
    scores."""
    left = TUNING_SHARE * clock.budget_s
    planned, trials, cut = left, list[Trial](), False
    with Lookahead(problem, _portfolios(problem, families), folds, seed) as runs:
        for family, params in _work(problem, families, trials):
            cost = seconds_of(family, problem, len(folds))
            if len(trials) >= MOST_TRIALS:
                break
            if cost > left and len(trials) >= len(families):
                continue
            if trials and (clock.over or (len(trials) >= len(families) and not clock.allows(cost))):
                cut = True
                break
            begun = clock.spent_s
            trial = runs.trial(family, params)
            judge_trial(problem, trial, seed)
            trials.append(trial)
            if len(trials) > 1:  # the first one loads libraries
                clock.took(cost, clock.spent_s - begun)
            left -= cost
            best = min(trials, key=lambda one: one.loss)
            tell(min(1.0 - left / planned, 1.0), f"{len(trials)} tried, best {best.family} at {best.loss:.4f}")
    if not cut:
        bagged = [_bagged(problem, families, leader, folds, seed, clock) for leader in _leaders(trials)[:BAGGED]]
        trials += [trial for trial in bagged if trial is not None]
    return Search(_leaders(trials), _blended(problem, trials, seed, clock), len(trials), cut)


def _blended(problem: Problem, trials: Sequence[Trial], seed: int, clock: Clock) -> Trial | None:
    leaders = _leaders(trials)
    if clock.over and len(trials) > 1:
        clock.leave("a blend")
        return None
    return blend(problem, _blendable(trials, leaders), seed)


def _work(problem: Problem, families: Sequence[Family], trials: list[Trial]) -> Iterator[tuple[Family, Params]]:
    """The portfolios in turns, every family's default first; then steps from the best of the families that lead.
    Reads `trials`, to which the caller adds what came of each setting."""
    yield from _portfolios(problem, families)
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


def _portfolios(problem: Problem, families: Sequence[Family]) -> list[tuple[Family, Params]]:
    settings = {family.name: family.settings(problem) for family in families}
    turns = range(max(map(len, settings.values())))
    return [(one, settings[one.name][turn]) for turn in turns for one in families if turn < len(settings[one.name])]


def _bagged(
    problem: Problem, families: Sequence[Family], trial: Trial, folds: Sequence[Fold], seed: int, clock: Clock
) -> Trial | None:
    """The same setting as a mean over seeds; None where that is not better, or not to be had in time."""
    family = next(family for family in families if family.name == trial.family)
    cost = seconds_of(family, problem, len(folds))
    copies = min(family.copies(problem, trial), 1 + int(BAGGING_SHARE * clock.budget_s / BAGGED / cost))
    if copies < 2:
        return None
    if not clock.allows((copies - 1) * cost):
        clock.leave(f"averaging several models of {family.title}")
        return None
    runs = [cross_validate(family, problem, trial.params, folds, seed + number) for number in range(1, copies)]
    raw = np.mean([trial.raw, *(run.raw for run in runs)], axis=0)
    seconds = trial.seconds + sum(run.seconds for run in runs)
    bagged = Trial(trial.family, trial.params, trial.rounds, raw, seconds, copies=copies)
    judge_trial(problem, bagged, seed)
    return bagged if bagged.loss < trial.loss else None


def _leaders(trials: Sequence[Trial]) -> list[Trial]:
    """The best trial of each family, best first. Against a family's default, a trial counts with its gain less one
    or two standard errors: the best of many settings looks better than it is, most of all where rows are few (Cawley
    and Talbot, "On over-fitting in model selection", JMLR 2010)."""
    best: dict[str, Trial] = {}
    for family in dict.fromkeys(trial.family for trial in trials):
        own = [trial for trial in trials if trial.family == family]
        best[family] = max(own, key=lambda trial: _sure_gain(own[0], trial))
    return sorted(best.values(), key=lambda trial: trial.loss)


def _sure_gain(default: Trial, trial: Trial) -> float:
    gain, error = paired_gain(default.judgement, trial.judgement)
    return gain - (DOUBT_WITH_FEW_ROWS if len(default.judgement.rows) < FEW_ROWS else DOUBT) * error


def _blendable(trials: Sequence[Trial], leaders: Sequence[Trial]) -> list[Trial]:
    """The leaders, and the best other setting of the leading family that reads categories differently. A forest only
    where it leads: its deep trees make reasons slow."""
    first = leaders[0]
    others = [t for t in trials if t.family == first.family and t.params.get("native") != first.params.get("native")]
    quick = [trial for trial in leaders if trial is first or trial.family != Forest.name]
    return sorted([*quick, *sorted(others, key=lambda trial: trial.loss)[:1]], key=lambda trial: trial.loss)
