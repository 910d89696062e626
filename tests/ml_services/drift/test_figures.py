"""Size and chance of a shift: known values, error rates by simulation, and what has nothing to compare."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from ml_services.drift import figures


def test_the_stability_index_is_that_of_the_textbook() -> None:
    before, now = np.array([50_000.0, 30_000, 20_000]), np.array([40_000.0, 30_000, 30_000])
    by_hand = -0.1 * math.log(0.8) + 0.1 * math.log(1.5)
    assert figures.stability_index(before, now) == pytest.approx(by_hand, rel=1e-3)
    assert math.isfinite(figures.stability_index(np.array([10.0, 0]), np.array([0.0, 10])))


def test_chance_is_that_of_the_two_sample_test() -> None:
    before, now = np.array([50.0, 30, 20]), np.array([80.0, 70, 50])
    assert figures.chance(before, now) == pytest.approx(chi2_contingency(np.vstack([before, now])).pvalue)


def test_bins_with_few_expected_are_put_together() -> None:
    rare = np.array([500.0, 480, 1, 1, 1])
    assert figures.chance(rare, np.array([500.0, 480, 4, 4, 4])) > 0.001
    assert figures.chance(np.array([5.0, 0]), np.array([3.0, 0])) == 1.0
    assert figures.chance(np.array([0.0, 0]), np.array([3.0, 4])) == 1.0


def test_holm_holds_the_rate_of_any_false_call_over_fifty_columns() -> None:
    rng = np.random.default_rng(0)
    false = 0
    for _ in range(200):
        pairs = [(rng.multinomial(2000, [0.1] * 10), rng.multinomial(300, [0.1] * 10)) for _ in range(50)]
        adjusted = figures.holm([figures.chance(before.astype(float), now.astype(float)) for before, now in pairs])
        false += min(adjusted) < 0.05
    assert false / 200 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 200)
    assert figures.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_a_shift_that_just_matters_is_hardly_ever_said_to_be_beyond_it() -> None:
    base = np.full(10, 0.1)
    moved = base * (1 + 0.316 * np.array([1, -1] * 5))
    moved /= moved.sum()
    least = float(((moved - base) * np.log(moved / base)).sum())
    rng = np.random.default_rng(1)

    def calls(size: int, at: float) -> float:
        trials = [
            figures.chance(rng.multinomial(2000, base).astype(float), rng.multinomial(size, moved).astype(float), at)
            for _ in range(300)
        ]
        return float(np.mean([one < 0.05 for one in trials]))

    assert calls(1000, least) < 0.09
    assert calls(1000, least / 3) > 0.9


@pytest.mark.parametrize("rows", [10.0, 1e3, 1e6, 1e9])
def test_chance_stays_a_chance_at_any_size(rows: float) -> None:
    before, now = rows * np.array([0.5, 0.3, 0.2]), rows * np.array([0.2, 0.3, 0.5])
    for least in (0.0, 0.1, 5.0):
        assert 0.0 <= figures.chance(before, now, least) <= 1.0
    if rows >= 1e3:
        assert figures.chance(before, now, 0.1) < 0.01
        assert figures.chance(before, now, 5.0) > 0.99


def test_a_difference_is_beyond_only_what_it_clearly_exceeds() -> None:
    assert figures.beyond(0.2, 0.36, 0.1) > 0.9
    assert figures.beyond(-0.8, 0.36, 0.1) < 0.001
    assert figures.beyond(0.5, 0.0, 0.25) == pytest.approx(0.0455, abs=1e-3)
    assert figures.log_odds(0, 10)[0] == pytest.approx(math.log(0.5 / 10.5))


def test_scores_that_crossed_an_edge_by_little_have_hardly_moved() -> None:
    edges = np.array([0.040, 0.042, 0.2, 0.6])
    before = np.array([100.0, 300, 300, 200, 100])
    crossed, moved = np.array([300.0, 100, 300, 200, 100]), np.array([50.0, 100, 250, 300, 300])
    assert figures.stability_index(before, crossed) > 0.25
    assert abs(figures.mean_distance(edges, before, crossed)) < 0.01
    assert figures.mean_distance(edges, before, moved) > 0.5
    assert figures.mean_distance(np.array([]), np.array([5.0]), np.array([5.0])) == 0.0
