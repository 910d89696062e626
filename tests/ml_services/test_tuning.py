"""What is planned, what wins, and what the clock may do."""

import time

import numpy as np
import pytest

from ml_services import tuning
from ml_services.boosting import LightGBM, XGBoost
from ml_services.clock import Clock
from ml_services.encoding import Feature
from ml_services.families import Problem, cross_validate
from ml_services.judging import judge_trial
from ml_services.linear import Logistic
from ml_services.tuning import learned_rows, search, tuned_rows

RNG = np.random.default_rng(0)


def straight(n=600):
    """A problem that a straight line solves best."""
    X = RNG.normal(size=(n, 4))
    y = (RNG.random(n) < 1 / (1 + np.exp(-X @ [1.0, 0.8, -0.6, 0.0]))).astype(float)
    return Problem(X, y, tuple(Feature(f"x{k}", f"x{k}", "number") for k in range(4)), "binary")


def folds(n):
    place = np.arange(n) % 5
    return [(np.flatnonzero(place != k), np.flatnonzero(place == k)) for k in range(5)]


def run(problem, families, budget_s=2.0):
    """The clock starts late, so that a busy machine does all that is planned too."""
    clock = Clock(budget_s, started=time.perf_counter() + 1e6)
    return search(problem, families, folds(len(problem.y)), 1, clock, lambda fraction, detail: None)


def test_every_family_is_judged_and_the_best_leads():
    found = run(straight(), [LightGBM(), Logistic()])
    assert [trial.family for trial in found.best] == ["logistic_regression", "lightgbm"]
    assert found.champion.loss <= found.best[1].loss


def test_a_larger_budget_plans_more_and_none_plans_without_end():
    problem = straight(200)
    small, large = (run(problem, [Logistic()], budget).tried for budget in (0.5, 4.0))
    assert 1 <= small < large <= tuning.MOST_TRIALS


def test_the_clock_stops_the_search_but_never_before_a_first_model():
    clock = Clock(20.0, started=-1e9)
    found = search(straight(200), [Logistic(), LightGBM()], folds(200), 1, clock, lambda fraction, detail: None)
    assert found.cut
    assert len(found.best) == 1


def test_rows_for_tuning_shrink_with_columns_and_budget():
    narrow, wide = straight(100), Problem(np.zeros((100, 400)), np.zeros(100), (), "binary")
    assert tuned_rows(narrow, 60) > tuned_rows(wide, 60) >= tuning.FEWEST_TUNED_ROWS
    assert tuned_rows(wide, 60) >= tuned_rows(wide, 5)
    assert learned_rows(narrow, 60) > tuned_rows(narrow, 60)


def test_a_setting_must_gain_more_than_noise_to_replace_the_default():
    problem = straight(300)
    trials = [cross_validate(LightGBM(), problem, params, folds(300), 1) for params in LightGBM().settings(problem)[:2]]
    for trial in trials:
        judge_trial(problem, trial, 1)
    noise = RNG.normal(0, 0.3, 300)
    trials[1].judgement.losses = trials[0].judgement.losses + noise - noise.mean() - 0.001
    trials[1].loss = trials[1].judgement.loss
    assert trials[1].loss < trials[0].loss
    assert tuning._leaders(trials) == [trials[0]]
    trials[1].judgement.losses = trials[0].judgement.losses - 0.01
    assert tuning._leaders(trials) == [trials[1]]


def test_steps_stay_within_bounds_and_change_one_thing():
    for family in (LightGBM(), XGBoost()):
        default = family.settings(straight(100))[0]
        for params in family.neighbours(default):
            assert sum(params[name] != default[name] for name in default) == 1
    assert all(step["feature_fraction"] <= 1.0 for step in LightGBM().neighbours(default_with_all_columns()))


def default_with_all_columns():
    return LightGBM().settings(straight(100))[0] | {"feature_fraction": 1.0}


@pytest.mark.parametrize("rounds", [40, 150, 400])
def test_copies_hold_no_more_trees_than_one_model_may(rounds):
    problem = straight(100)
    trial = cross_validate(Logistic(), problem, {"knots": 2, "C": 1.0}, folds(100), 1)
    trial.rounds = rounds
    assert rounds * LightGBM().copies(problem, trial) <= 400


def test_few_rows_are_doubted_more():
    trials = {}
    for n in (400, 2000):
        default, other = (
            cross_validate(Logistic(), straight(n), {"knots": 2, "C": 1.0}, folds(n), 1) for _ in range(2)
        )
        for trial in (default, other):
            judge_trial(straight(n), trial, 1)
        noise = RNG.normal(0, 0.3, n)
        noise = (noise - noise.mean()) / noise.std() * 0.01 * n**0.5
        other.judgement.losses = default.judgement.losses + noise - 0.015  # a gain of one and a half standard errors
        trials[n] = [default, other]
    assert tuning._leaders(trials[400]) == trials[400][:1]
    assert tuning._leaders(trials[2000]) == trials[2000][1:]
