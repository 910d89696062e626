"""Buy till you die: expectations against the story played out, and against the paper."""

from __future__ import annotations

import numpy as np
import pytest

from ml_services.lifetime.bgnbd import PurchaseModel, fit_purchase_model
from ml_services.lifetime.rfm import frame_before, spent_between
from tests.ml_services.lifetime.test_choice import purchases_of

KNOWN = PurchaseModel(r=0.243, alpha=31.0, a=0.793, b=2.426, p=6.25, q=3.74, v=15.44)


def customers(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, dtype=float)


def simulated(model: PurchaseModel, days: float, draws: int = 200_000) -> float:
    """Mean purchases within `days` of somebody who bought once, today, by playing the model's story."""
    rng = np.random.default_rng(0)
    rate, leaving = rng.gamma(model.r, 1 / model.alpha, draws), rng.beta(model.a, model.b, draws)
    alive, clock, count = np.ones(draws, bool), np.zeros(draws), np.zeros(draws)
    while alive.any():
        clock += rng.exponential(1 / np.maximum(rate, 1e-12))
        alive &= clock < days
        count += alive
        alive &= rng.random(draws) >= leaving
    return float(count.mean())


@pytest.mark.parametrize("days", [90, 365])
def test_the_expectation_is_the_mean_of_the_story(days: int) -> None:
    told = float(np.exp(KNOWN.log_purchases(customers((0, 0, 0, 30)), days))[0])
    assert told == pytest.approx(simulated(KNOWN, days), rel=0.03)


def test_the_example_of_the_paper_comes_out() -> None:
    """Fader, Hardie and Lee (2005), their note on the spreadsheet: x=2, t_x=30.43, T=38.86 weeks, 39 weeks: 1.226."""
    weekly = PurchaseModel(r=0.243, alpha=4.414, a=0.793, b=2.426, p=6.25, q=3.74, v=15.44)
    told = np.exp(weekly.log_purchases(customers((2, 38.86 - 30.43, 38.86, 30)), 39))
    assert told[0] == pytest.approx(1.226, abs=0.001)


def test_a_long_silence_after_many_purchases_says_gone() -> None:
    odds = KNOWN.log_dead_odds(customers((20, 0, 200, 30), (20, 150, 200, 30), (0, 150, 150, 30)))
    assert odds[0] < 0 < odds[1]
    assert odds[2] == -np.inf


def test_few_amounts_are_drawn_to_everybodys_mean() -> None:
    once, often = np.exp(KNOWN.log_amount(customers((0, 0, 0, 100), (50, 0, 300, 100))))
    mean = KNOWN.p * KNOWN.v / (KNOWN.q - 1)
    assert mean < once < often < 100


@pytest.mark.parametrize("a", [0.9999999, 1.0, 1.0000001])
def test_the_singular_point_is_passed(a: float) -> None:
    at = PurchaseModel(0.243, 31.0, a, 2.426, 6.25, 3.74, 15.44).log_purchases(customers((3, 10, 90, 5)), 365)
    near = PurchaseModel(0.243, 31.0, 1.01, 2.426, 6.25, 3.74, 15.44).log_purchases(customers((3, 10, 90, 5)), 365)
    assert at[0] == pytest.approx(near[0], abs=0.02)


def test_extreme_customers_get_finite_answers() -> None:
    X = customers((0, 0, 0, 0), (5000, 0, 5000, 1e9), (300, 3000, 3300, 1), (0, 36500, 36500, 0.01))
    assert np.isfinite(KNOWN.log_value(X, 3650)).all()


def test_a_fitted_model_foretells_the_total_of_its_own_world() -> None:
    purchases = purchases_of(2500, 360)
    frame = frame_before(purchases, 240)
    model = fit_purchase_model(frame.X)
    amount, count = spent_between(purchases, frame.customer, 240, 360)
    assert np.exp(model.log_purchases(frame.X, 120)).sum() == pytest.approx(count.sum(), rel=0.15)
    assert np.exp(model.log_value(frame.X, 120)).sum() == pytest.approx(amount.sum(), rel=0.2)
