"""Amounts and intervals learned from back-tests."""

from __future__ import annotations

import numpy as np
import pytest

from ml_services.lifetime.calibration import RatioInterval, ValueCalibrator


def world(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Values said, and what came: nothing for most."""
    rng = np.random.default_rng(seed)
    said = np.exp(rng.normal(2.5, 1.0, n))
    buys = rng.random(n) < np.clip(said / 60, 0.05, 0.9)
    return said, np.where(buys, rng.gamma(2, said / 2), 0.0)


def test_the_interval_covers_new_customers_as_often_as_it_says() -> None:
    ratios = RatioInterval.fit(*world(8000, 1), 0.8)
    said, came = world(8000, 2)
    low, high = ratios.many(said)
    assert 0.78 <= ((low <= came) & (came <= high)).mean() <= 0.93
    rich = said > 60
    assert 0.74 <= ((low <= came) & (came <= high))[rich].mean() <= 0.88


def test_the_value_is_inside_and_nothing_is_negative() -> None:
    ratios = RatioInterval.fit(*world(500, 1), 0.8)
    said = np.array([0.0, 1e-9, 0.5, 30.0, 1e7])
    low, high = ratios.many(said)
    assert (low >= 0).all()
    assert (low <= said).all()
    assert (said <= high).all()


def test_few_equal_values_still_give_an_interval() -> None:
    low, high = RatioInterval.fit(np.full(30, 4.0), np.r_[np.zeros(20), np.full(10, 12.0)], 0.8).many(np.array([4.0]))
    assert low[0] == 0
    assert high[0] == pytest.approx(12)


def test_one_and_many_agree_and_never_overflow() -> None:
    calibrator = ValueCalibrator(1.1, 0.3, RatioInterval(0.8, (0.0,), (0.0,), (2.0,)))
    raw = np.array([-1e9, -3.0, 0.0, 4.2, 1e9])
    assert np.allclose(calibrator.many(raw), [calibrator.one(one) for one in raw.tolist()])
    assert np.isfinite(calibrator.many(raw)).all()
