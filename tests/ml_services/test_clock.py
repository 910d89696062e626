"""A training keeps its time budget, and says what it left out for it."""

import time

import numpy as np
import pytest

from ml_services.base import TrainingOptions
from ml_services.boosting import LightGBM
from ml_services.clock import Clock, forever
from ml_services.encoding import Feature
from ml_services.families import Problem, Trial
from ml_services.judging import judge_trial
from ml_services.leakage import FEWEST_ROWS, MOST_ROWS, examine, left_out, sample
from ml_services.linear import Logistic
from ml_services.predictors.churn import Churn
from ml_services.training import train_tabular
from ml_services.tuning import FEWEST_TUNED_ROWS, rows_in_time, search
from tests.ml_services.synthetic import customers, data

RNG = np.random.default_rng(3)
N = 400
TRUTH = RNG.integers(0, 2, N).astype(float)
NEARLY = TRUTH * 2 + RNG.normal(0, 1, N)
FOLDS = [(np.flatnonzero(np.arange(N) % 5 != k), np.flatnonzero(np.arange(N) % 5 == k)) for k in range(5)]


def problem(*fields: str) -> Problem:
    X = np.column_stack([NEARLY, *(RNG.normal(size=N) for _ in fields[1:])])
    return Problem(
        X, TRUTH, tuple(Feature(f"{field}_{k}", field, "number") for k, field in enumerate(fields)), "binary"
    )


def late(budget_s=10.0) -> Clock:
    return Clock(budget_s, started=time.perf_counter() - 2 * budget_s)


def test_a_step_begins_only_where_it_would_end_in_time():
    clock = Clock(1000.0)
    assert clock.allows(600.0)
    assert not clock.allows(700.0)
    clock.took(1.0, 3.0)
    assert clock.pace == 2.0
    assert not clock.allows(400.0)
    assert clock.allows(300.0)


def test_the_clock_without_end_allows_anything():
    assert forever().allows(1e12)
    assert not forever().over


def test_the_gate_looks_at_fewer_rows_where_the_budget_is_small():
    many = Problem(np.zeros((50_000, 20)), np.zeros(50_000), (), "binary")
    sizes = [len(sample(many, 1, budget).y) for budget in (1.0, 5.0, 60.0, float("inf"))]
    assert sizes == sorted(sizes)
    assert sizes[0] == FEWEST_ROWS
    assert sizes[-2:] == [MOST_ROWS, MOST_ROWS]


def test_a_late_gate_looks_at_the_strongest_column_and_names_the_others():
    made, clock = problem("nearly", "other"), late()
    made.X[:, 1] = TRUTH * 2 + RNG.normal(0, 1.1, N)
    found = examine(made, LightGBM(), FOLDS, 1)
    assert [one.column for one in found] == ["nearly", "other"]
    assert "other" not in {one.column for one in left_out(made, found, LightGBM(), FOLDS, 1, clock)}
    assert "'other'" in clock.notes[0]
    assert "nearly" not in clock.notes[0]


def test_a_late_gate_still_sees_what_a_part_of_a_column_gives_away():
    made, clock = problem("date", "date", "other"), late()
    quick = examine(made, LightGBM(), FOLDS, 1, clock)
    assert {one.column for one in quick} == {"date", "other"}
    assert quick[0].column == "date"
    assert len(clock.notes) == 1


def test_a_late_search_judges_one_setting_and_says_what_it_left_out():
    clock = late()
    found = search(problem("a", "b"), [Logistic(), LightGBM()], FOLDS, 1, clock, lambda fraction, detail: None)
    assert (found.tried, found.cut) == (1, True)


@pytest.mark.parametrize(("seconds", "all_rows"), [(0.001, True), (1e5, False)])
def test_the_last_fits_learn_from_as_many_rows_as_end_in_time(seconds, all_rows):
    made = Trial("lightgbm", {}, 10, NEARLY, seconds)
    judge_trial(problem("a"), made, 1)
    rows = rows_in_time(made, 5, Clock(10.0))
    assert rows > N if all_rows else rows == FEWEST_TUNED_ROWS


def test_a_budget_of_next_to_nothing_gives_a_model_and_a_card_that_says_so():
    trained = train_tabular(Churn(), data(customers(900)), TrainingOptions(target="left", budget_s=0.001))
    assert trained.card["settings_tried"] == {"tried": 1, "cut_by_clock": True}
    assert any("time budget" in note for note in trained.card["notes"])
    assert 0 < trained.model.answer({"tenure": 5, "plan": "pro", "calls": 2}, explain=False)["probability"] < 1


def test_the_budget_counts_from_when_the_caller_began_to_read():
    long_ago = TrainingOptions(target="left", budget_s=30.0, begun=time.perf_counter() - 1000)
    trained = train_tabular(Churn(), data(customers(300)), long_ago)
    assert trained.card["settings_tried"]["cut_by_clock"]
    assert trained.card["seconds"] > 1000
