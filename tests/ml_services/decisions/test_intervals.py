"""Intervals of rates hold what they promise, where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from ml_services.decisions import intervals


def test_many_rows_decide_and_none_leave_all_open() -> None:
    low, high = intervals.of_rate(300, 1000, expected=0.5)
    assert 0.27 < low < 0.3 < high < 0.33
    low, high = intervals.of_rate(0, 0, expected=0.3)
    assert low < 0.01
    assert high > 0.95


def test_the_interval_is_that_of_the_beta_distribution() -> None:
    from scipy.stats import beta, betabinom

    assert intervals.of_rate(7, 20, expected=0.5) == pytest.approx(beta.ppf([0.025, 0.975], 7.5, 13.5))
    low, high = intervals.of_fresh(7, 20, expected=0.5, fresh=40)
    assert [low * 40, high * 40] == list(betabinom.ppf([0.025, 0.975], 40, 7.5, 13.5))


@pytest.mark.parametrize(("rows", "fresh"), [(10, 50), (100, 100), (1000, 60)])
def test_fresh_rows_fall_within_as_often_as_said(rows: int, fresh: int) -> None:
    """The rate itself is drawn around what was said: both doubts are in the interval."""
    chance = np.random.default_rng(0)
    inside = 0
    for _ in range(600):
        rate = chance.beta(3, 7)
        low, high = intervals.of_fresh(chance.binomial(rows, rate), rows, 0.3, fresh)
        inside += low <= chance.binomial(fresh, rate) / fresh <= high
    assert inside / 600 > 0.93


def test_no_fresh_rows_hold_no_wins() -> None:
    assert intervals.of_wins(2.0, 3.0, 0) == (0, 0)


@pytest.mark.parametrize("expected", [0.0, 1.0])
def test_a_model_that_is_sure_is_still_doubted(expected: float) -> None:
    low, high = intervals.of_rate(0, 5, expected)
    assert 0 <= low < high < 1


def test_a_probability_on_a_cut_belongs_above_it() -> None:
    assert intervals.cut([0.1, 0.2, 0.3, 0.5], [0.2, 0.5]) == [0, 1, 1, 2]
