"""Back-tests look at the past only, and choose what knows."""

from __future__ import annotations

import numpy as np
import pytest

from ml_services.lifetime.boosting import CANDIDATES, make_lesson, training_cuts
from ml_services.lifetime.choice import BackTest, at_total, back_test_windows, choose
from ml_services.lifetime.rfm import Purchases
from tests.ml_services.lifetime.shop import visits


def purchases_of(customers: int, days: int) -> Purchases:
    rows = sorted(set(visits(customers, days)))
    customer, day, amount = (np.array(column) for column in zip(*rows, strict=True))
    return Purchases(tuple(map(str, range(customers))), customer, day, amount, None)


@pytest.mark.parametrize(("start", "end", "horizon"), [(0, 273, 273), (100, 830, 90), (0, 400, 365), (0, 30, 365)])
def test_back_tests_look_only_at_the_past(start: int, end: int, horizon: int) -> None:
    windows = back_test_windows(start, end, horizon)
    assert len(set(windows)) == 2
    for cut, days in windows:
        assert start < cut < cut + days <= end
        assert days <= horizon
        for earlier in training_cuts(start, cut, days):
            assert start < earlier < cut


def test_a_lesson_does_not_know_what_comes_after_its_end() -> None:
    whole = purchases_of(300, 360)
    past = whole.day < 200
    cut_off = Purchases(whole.names, whole.customer[past], whole.day[past], whole.amount[past], None)
    one, other = make_lesson(whole, 200, 100, 1), make_lesson(cut_off, 200, 100, 1)
    assert np.array_equal(one.X, other.X, equal_nan=True)
    assert np.array_equal(one.spent, other.spent)


def test_sharpening_keeps_the_total_and_the_order() -> None:
    raw = np.array([0.0, 3.0, 1.0, 2.0])
    plain, sharp = at_total(raw, 100.0), at_total(raw, 100.0, 1.2)
    assert plain.sum() == pytest.approx(100) == sharp.sum()
    assert (np.argsort(plain) == np.argsort(sharp)).all()
    assert sharp.max() > plain.max()


def told(raw: dict[str, np.ndarray], came: np.ndarray) -> BackTest:
    return BackTest(100, 50, np.arange(len(came)), np.zeros((len(came), 4)), came, raw, dict.fromkeys(raw, 0.0))


def test_the_candidate_that_knows_serves_and_is_not_judged_on_held_out_customers() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(2.0, 1.0, 2000)
    came = np.where(rng.random(2000) < 0.4, np.exp(truth) / 0.4, 0.0)
    learners = np.arange(2000) < 1600
    raw = {name: rng.normal(2.0, 1.0, 2000) for name in CANDIDATES}
    raw["lightgbm_tweedie"] = truth
    raw["blend_all"] = np.where(learners, raw["blend_all"], np.log(np.maximum(came, 1e-3)))
    choice = choose([told(raw, came), told(raw, came)], learners)
    assert choice.name == "lightgbm_tweedie"


def test_half_of_the_error_in_the_total_is_corrected() -> None:
    came = np.tile([0.0, 40.0], 500)
    raw = {name: np.full(1000, np.log(5.0)) for name in CANDIDATES}
    choice = choose([told(raw, came), told(raw, came)], np.ones(1000, dtype=bool))
    assert choice.total == pytest.approx(2.0)
