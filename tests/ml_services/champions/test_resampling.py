"""Differences of two models on the same rows, by bootstrap and by DeLong."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from ml_services.champions import resampling
from ml_services.champions.resampling import Floats, delong, difference, draws
from ml_services.evaluation import one_vs_rest


def pair(n: int = 800, seed: int = 0) -> tuple[Floats, Floats, Floats]:
    """Truth and two models' rounded chances, so that there are ties."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    y = (rng.random(n) < 1 / (1 + np.exp(1 - x))).astype(float)
    chances = [np.round(1 / (1 + np.exp(1 - x - noise * rng.normal(size=n))), 2) for noise in (0.2, 0.8)]
    return y, chances[0], chances[1]


def test_areas_are_those_of_scikit_learn() -> None:
    y, one, other = pair()
    found = difference("binary", y, one, other, 1)
    assert found.champion == pytest.approx(roc_auc_score(y, one), abs=1e-12)
    assert found.challenger == pytest.approx(roc_auc_score(y, other), abs=1e-12)
    assert found.low < found.difference < found.high


def test_a_drawn_area_is_that_of_the_rows_drawn() -> None:
    y, one, other = pair(200)
    weights = next(draws(y.astype(np.int64), 3, 5))
    rows = np.repeat(np.arange(200), weights[0].astype(int))
    assert resampling._macro(one_vs_rest(y, one))(weights)[0] == pytest.approx(roc_auc_score(y[rows], one[rows]))
    assert resampling._ranker(other, one)(weights)[0] == pytest.approx(spearmanr(other[rows], one[rows])[0])


def test_draws_keep_each_class() -> None:
    y = np.array([1] * 5 + [0] * 95)
    weights = np.concatenate(list(draws(y, 0, 300)))
    assert weights.shape == (300, 100)
    assert (weights[:, :5].sum(axis=1) == 5).all()


@pytest.mark.parametrize("seed", [0, 1])
def test_delong_agrees_with_the_bootstrap(seed: int) -> None:
    y, one, other = pair(1500, seed)
    drawn, exact = difference("binary", y, one, other, 1), delong(one_vs_rest(y, one), one_vs_rest(y, other))
    assert exact.difference == pytest.approx(drawn.difference, abs=1e-12)
    assert exact.error == pytest.approx(drawn.error, rel=0.1)
    assert exact.low == pytest.approx(drawn.low, abs=0.2 * exact.error)


def test_classes_are_compared_by_the_mean_of_their_areas() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 400).astype(float)
    said = [np.eye(3)[y.astype(int)] * strength + rng.random((400, 3)) for strength in (0.5, 1.0)]
    found = difference("classes", y, *[one / one.sum(axis=1, keepdims=True) for one in said], 1)
    assert found.difference > 0 and found.low > 0


def test_many_rows_go_by_delong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resampling, "draws", lambda *args: pytest.fail("drawn"))
    y, one, other = pair(resampling.BOOTSTRAP_CELLS + 1)
    assert difference("binary", y, one, other, 1).error > 0
