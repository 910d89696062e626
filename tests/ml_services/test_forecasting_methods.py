"""Each method against what it must do on series whose future is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml_services.forecasting import boosting, lags, smoothing, theta
from ml_services.forecasting.backtest import earlier_origins, run
from ml_services.forecasting.choice import choose, combination
from ml_services.forecasting.conformal import weighted_quantile, widths
from ml_services.forecasting.engine import Knowledge, forecast
from ml_services.forecasting.methods import METHODS, NAIVE, Problem, forecasts, naive
from ml_services.forecasting.seasonal import is_seasonal, seasonality

RNG = np.random.default_rng(11)
TIME = np.arange(120)
SEASON = 10 * np.sin(TIME * 2 * np.pi / 12)


def test_a_clear_season_is_found_and_noise_has_none() -> None:
    noise = RNG.normal(0, 1, 120)
    assert is_seasonal(SEASON + noise + TIME, 12)
    assert not is_seasonal(noise, 12)
    assert not is_seasonal(np.full(120, 3.0), 12)
    assert not is_seasonal(SEASON[:23], 12)


@pytest.mark.parametrize("multiplicative", [True, False])
def test_indices_recover_the_season_and_put_it_back(multiplicative: bool) -> None:
    trend = 100 + TIME
    values = trend * (1 + SEASON / 40) if multiplicative else trend + SEASON
    found = seasonality(values, 12, multiplicative=multiplicative)
    wanted = 1 + SEASON[:12] / 40 if multiplicative else SEASON[:12]
    assert found.indices == pytest.approx(wanted, abs=0.02 if multiplicative else 0.5)
    assert found.put_back(found.remove(values)[100:], 100) == pytest.approx(values[100:])


def test_indices_of_pure_noise_shrink_towards_none() -> None:
    found = seasonality(RNG.normal(0, 1, 60), 12, multiplicative=False)
    assert np.abs(found.indices).max() < 0.75


def test_one_batch_gives_what_each_origin_gives_alone() -> None:
    values = 100 + TIME + SEASON + RNG.normal(0, 2, 120)
    origins = np.array([120, 110, 75])
    together = forecasts(Problem(values, origins, 12, 6))
    for row, origin in enumerate(origins):
        alone = forecasts(Problem(values[:origin], np.array([origin]), 12, 6))
        for name in METHODS:
            if name != "boosting on lags":
                assert together[name][row] == pytest.approx(alone[name][0], rel=1e-9), name


def test_no_back_test_forecast_sees_its_future() -> None:
    values = 100 + TIME + SEASON + RNG.normal(0, 2, 120)
    changed = values.copy()
    changed[90:] = 7.0
    origins = np.array([120, 90, 80])
    before, after = (forecasts(Problem(part, origins, 12, 6)) for part in (values, changed))
    for name in METHODS:
        assert after[name][1:] == pytest.approx(before[name][1:]), name


def test_theta_and_damped_trend_follow_a_line_and_level_does_not() -> None:
    line = 50 + 2.0 * TIME
    ahead = forecasts(Problem(line, np.array([120]), 1, 5))
    truth = 50 + 2.0 * np.arange(120, 125)
    assert ahead["theta"][0] == pytest.approx(truth, rel=0.01)
    assert ahead["damped trend"][0] == pytest.approx(truth, rel=0.01)
    assert ahead["level smoothing"][0].max() <= line.max() + 1e-9


def test_theta_of_one_is_simple_smoothing() -> None:
    rows = (100 + RNG.normal(0, 5, 60))[None]
    ahead = theta.theta(rows, np.array([60]), 4, dynamic=True)
    assert np.ptp(ahead) < 5


def test_holt_winters_learns_a_repeating_season() -> None:
    ahead = smoothing.holt_winters(100 + SEASON, np.array([120]), 12, 12)
    assert ahead[0] == pytest.approx(100 + 10 * np.sin(np.arange(120, 132) * 2 * np.pi / 12), abs=0.5)


def test_autoregression_learns_a_decay() -> None:
    values = np.zeros(200)
    for k in range(1, 200):
        values[k] = values[k - 1] + 0.9 * (values[k - 1] - values[max(k - 2, 0)]) + RNG.normal()
    ahead = lags.autoregression(values, np.array([200]), 1, 3)
    last = values[-1] - values[-2]
    assert np.diff(np.r_[values[-1], ahead[0]]) == pytest.approx(last * 0.9 ** np.arange(1, 4), abs=0.6)


def test_boosting_carries_a_trend_on_and_declines_what_is_too_short() -> None:
    values = 100 + 3.0 * TIME + SEASON + RNG.normal(0, 1, 120)
    ahead = boosting.boosting(values, np.array([120]), 12, 12)
    assert ahead is not None
    assert ahead[0] == pytest.approx(100 + 3.0 * np.arange(120, 132) + SEASON[:12], abs=9)
    assert boosting.boosting(values[:30], np.array([30]), 12, 12) is None


def test_naive_repeats_the_season_or_the_last_value() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    assert naive(values, np.array([5, 2]), 3, 4).tolist() == [[3, 4, 5, 3], [2, 2, 2, 2]]


@pytest.mark.parametrize(("count", "steps"), [(120, 12), (30, 12), (7, 3), (1100, 366)])
def test_origins_leave_something_to_learn_and_something_to_check(count: int, steps: int) -> None:
    origins = earlier_origins(count, 12, steps)
    assert origins == sorted(set(origins), reverse=True)
    assert len(origins) >= 3
    assert origins[0] < count
    assert origins[-1] >= 3


def test_bad_methods_stay_out_of_the_combination() -> None:
    weights = combination({"good": 1.0, "fair": 2.0, "bad": 10.0})
    assert weights == pytest.approx({"good": 2 / 3, "fair": 1 / 3})
    assert combination({"exact": 0.0, "bad": 1.0}) == {"exact": 1.0}


def test_a_prior_counts_for_more_the_shorter_the_back_test() -> None:
    values = 100 + np.arange(40) + RNG.normal(0, 3, 40)
    backtest = run(values, 1, 6)
    loved = choose(backtest, {"theta": 0.1}).weights
    assert loved["theta"] > choose(backtest).weights["theta"]


def test_intervals_widen_with_the_step_and_the_level() -> None:
    walk = RNG.normal(0, 1, 200).cumsum() + 50
    backtest = run(walk, 1, 12)
    found = widths(backtest, choose(backtest))
    assert found.up_80[-1] > 1.5 * found.up_80[0]
    assert np.all(found.half_95 >= found.up_80)
    assert np.all(found.half_95 >= found.down_80)


def test_errors_on_one_side_widen_that_side() -> None:
    values = 100 + 0.02 * np.arange(150.0) ** 2 + RNG.normal(0, 1, 150)
    backtest = run(values, 1, 6)
    ahead = np.nan_to_num(backtest.actual, nan=values[-1]) - 5
    late = replace(choose(backtest), ahead=ahead, disagreement=np.zeros_like(ahead))
    found = widths(backtest, late)
    assert np.all(found.up_80 > 1.5 * found.down_80)


@pytest.mark.parametrize("kind", ["walk", "season", "growth"])
def test_intervals_hold_about_what_they_say(kind: str) -> None:
    rng = np.random.default_rng(3)
    inside_80, inside_95 = [], []
    for _ in range(25):
        shock = rng.normal(0, 1, 108)
        values = {
            "walk": 100 + shock.cumsum(),
            "season": 100 + 10 * np.sin(np.arange(108) * np.pi / 6) + 3 * shock,
            "growth": np.exp(np.arange(108) / 50 + 0.05 * shock + 0.2 * np.sin(np.arange(108) * np.pi / 6)) * 100,
        }[kind]
        found = forecast(values[:96], 12, 12)
        inside_80.append(np.mean((values[96:] >= found.low_80) & (values[96:] <= found.high_80)))
        inside_95.append(np.mean((values[96:] >= found.low_95) & (values[96:] <= found.high_95)))
    assert 0.7 < np.mean(inside_80) < 0.92
    assert np.mean(inside_95) > 0.85


def test_the_same_series_gives_the_same_forecast() -> None:
    values = 100 + SEASON + RNG.normal(0, 2, 120)
    assert np.array_equal(forecast(values, 12, 12).value, forecast(values, 12, 12, Knowledge()).value)


def test_a_quantile_weighs_its_values() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0, 100.0])
    assert weighted_quantile(values, np.array([1.0, 1.0, 1.0, 1.0, 1e-9]), 0.8) < 5
    assert weighted_quantile(values, np.ones(5), 0.5) == pytest.approx(3.0)


def test_naive_is_among_the_methods() -> None:
    assert next(iter(METHODS)) == NAIVE
