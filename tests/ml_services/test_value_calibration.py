"""Amounts add up, and intervals cover what they say, without going below zero."""

import pickle

import numpy as np
import pytest

from ml_services.value_calibration import LEVEL, NEARLY_RIGHT, amount_losses, calibrate_values, tweedie_deviances


def drawn(n, seed, zeros=0.3):
    rng = np.random.default_rng(seed)
    raw = rng.normal(3, 1, n)
    y = np.exp(raw + rng.normal(0, 0.2 + 0.2 * (raw > 3), n)) * 2.5
    return np.where(rng.random(n) < zeros, 0.0, y), raw


@pytest.mark.parametrize("zeros", [0.0, 0.3])
def test_the_total_is_right_and_the_interval_covers(zeros):
    scale, _ = calibrate_values(*drawn(4000, 0, zeros), seed=1)
    y, raw = drawn(4000, 5, zeros)
    low, high = scale.interval(raw)
    assert scale.many(raw).sum() == pytest.approx(y.sum(), rel=0.08)
    assert ((low <= y) & (y <= high)).mean() == pytest.approx(LEVEL, abs=0.03)
    assert (low >= 0).all()
    assert (low <= high).all()


def test_each_size_of_prediction_gets_its_own_width():
    scale, _ = calibrate_values(*drawn(8000, 0, 0.0), seed=1)
    y, raw = drawn(8000, 5, 0.0)
    low, high = scale.interval(raw)
    inside = (low <= y) & (y <= high)
    for part in (raw < 2, raw > 4):
        assert inside[part].mean() == pytest.approx(LEVEL, abs=0.05)


def test_one_and_many_agree_and_nothing_overflows():
    scale, _ = calibrate_values(*drawn(500, 0), seed=1)
    raw = np.array([-800.0, 0.0, 3.3, 1e4])
    assert [scale.one(value) for value in raw.tolist()] == pytest.approx(scale.many(raw))
    assert np.isfinite(scale.many(raw)).all()
    assert pickle.loads(pickle.dumps(scale)) == scale  # noqa: S301


def test_few_rows_give_an_interval_too():
    y, raw = drawn(12, 0)
    low, high = calibrate_values(y, raw, seed=1)[0].interval(raw)
    assert (low <= high).all()


def test_the_deviance_is_least_at_the_mean():
    y = np.array([0.0, 0.0, 4.0, 8.0])
    at = {value: tweedie_deviances(y, np.full(4, value)).mean() for value in (2.0, 3.0, 4.0)}
    assert min(at, key=at.get) == 3.0


def test_guessing_the_mean_loses_one_and_the_truth_nothing():
    y, _ = drawn(1000, 0)
    assert amount_losses(y, np.full_like(y, y.mean())).mean() == pytest.approx(1.0)
    assert amount_losses(y, y).mean() == pytest.approx(0.0, abs=1e-6)


def test_of_two_with_the_same_total_the_one_nearer_for_most_wins():
    rng = np.random.default_rng(0)
    y = rng.gamma(4, 100, 5000)
    y[:20] *= 30  # a few very large ones that nothing foretells
    near, far = y.copy(), y * np.exp(rng.normal(0, 0.3, 5000))
    near[:20], far[:20] = 400.0, 400.0
    assert amount_losses(y, near * y.sum() / near.sum()).mean() < amount_losses(y, far * y.sum() / far.sum()).mean()


def missed_total(share):
    """Amounts said to the cent, but for a few whose total is that share of everything."""
    y = np.random.default_rng(1).gamma(4, 100, 5000)
    said = y.copy()
    y[:10] += share * y.sum() / 10
    return y, np.log(said)


def test_a_total_nearly_right_is_not_mended_at_the_cost_of_every_customer():
    y, raw = missed_total(NEARLY_RIGHT / 2)
    assert calibrate_values(y, raw, seed=1)[0].scale == 1.0


def test_a_total_further_off_is_mended():
    y, raw = missed_total(NEARLY_RIGHT * 3)
    assert calibrate_values(y, raw, seed=1)[0].many(raw).sum() == pytest.approx(y.sum())
