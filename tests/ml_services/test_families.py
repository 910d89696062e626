"""Each family learns, is judged on rows it has not seen, and gives a scorer that agrees with itself."""

import numpy as np
import pytest

from ml_services import linear
from ml_services.boosting import LightGBM, XGBoost, best_rounds, binning
from ml_services.encoding import Feature
from ml_services.evaluation import roc_auc
from ml_services.families import MANY_FEATURES, Problem, cross_validate
from ml_services.forest import Forest
from ml_services.linear import Logistic

RNG = np.random.default_rng(1)
N = 800
FEATURES = (Feature("x", "x", "number"), Feature("c", "c", "category", ("a", "b", "d")), Feature("z", "z", "number"))
CODES = RNG.integers(0, 3, N).astype(float)
X = np.column_stack([RNG.normal(size=N), CODES, RNG.normal(size=N)])
X[::11, 0], X[::13, 1] = np.nan, np.nan
SIGNAL = np.nan_to_num(X[:, 0]) + (CODES == 1) * 1.5
FOLDS = [(np.flatnonzero(np.arange(N) % 5 != k), np.flatnonzero(np.arange(N) % 5 == k)) for k in range(5)]
BINARY = Problem(X, (SIGNAL + RNG.normal(0, 0.8, N) > 0.7).astype(float), FEATURES, "binary")
CLASSES = Problem(X, np.digitize(SIGNAL + RNG.normal(0, 0.5, N), [0, 1.2]).astype(float), FEATURES, "classes", 3)
FAMILIES = [LightGBM(), XGBoost(), Forest(), Logistic()]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_it_ranks_rows_it_has_not_seen(family):
    trial = cross_validate(family, BINARY, family.settings(BINARY)[0], FOLDS, 1)
    assert np.isfinite(trial.raw).all()
    assert roc_auc(BINARY.y, trial.raw) > 0.8


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_it_gives_margins_of_classes(family):
    trial = cross_validate(family, CLASSES, family.settings(CLASSES)[0], FOLDS, 1)
    assert trial.raw.shape == (N, 3)
    assert (trial.raw.argmax(axis=1) == CLASSES.y).mean() > 0.6


@pytest.mark.parametrize("problem", [BINARY, CLASSES], ids=["binary", "classes"])
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_the_scorer_scores_one_row_as_many_and_explains_it(family, problem):
    scorer = family.learn(problem, family.settings(problem)[0], 30, 1)
    raw = scorer.raw(problem.X[:20])
    assert np.allclose(scorer.raw_one(problem.X[3].tolist()), raw[3])
    base, effects = scorer.effects(problem.X[:20])
    assert np.allclose(base + effects.sum(axis=1), raw, atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_the_same_seed_gives_the_same_scores(family):
    params = family.settings(BINARY)[0]
    one, two = (family.learn(BINARY, params, 20, 7).raw(X) for _ in range(2))
    assert np.array_equal(one, two)


def test_rows_never_judged_have_no_score():
    trial = cross_validate(Logistic(), BINARY, {"knots": 2, "C": 1.0}, FOLDS[:2], 1)
    assert np.isnan(trial.raw[FOLDS[4][1]]).all()
    assert np.isfinite(trial.raw[FOLDS[0][1]]).all()


def test_a_level_never_seen_counts_as_unknown():
    scorer = Logistic().learn(BINARY.part(np.flatnonzero(X[:, 1] != 2)), {"knots": 3, "C": 1.0}, 0, 1)
    assert np.isfinite(scorer.raw(np.array([[0.1, 2.0, 0.0], [0.1, np.nan, 0.0], [1e9, 0.0, np.nan]]))).all()


def test_beyond_the_range_seen_a_curve_stays_flat():
    scorer = Logistic().learn(BINARY, {"knots": 6, "C": 1.0}, 0, 1)
    far = scorer.raw(np.array([[10.0, 0.0, 0.0], [1e6, 0.0, 0.0]]))
    assert far[0] == far[1]


def test_rounds_are_where_the_mean_curve_is_lowest():
    assert best_rounds([[9.0] * 11 + [1.0, 5.0], [9.0] * 11 + [2.0, 1.5, 1.4]]) == 12


def wide(count):
    names = tuple(Feature(f"x{k}", f"x{k}", "number") for k in range(count))
    values = np.random.default_rng(4).normal(size=(120, count))
    return Problem(values, (values[:, 0] > 0).astype(float), names, "binary")


@pytest.mark.parametrize("family", FAMILIES[:3], ids=lambda family: family.name)
def test_a_table_wider_than_it_is_long_is_learned_in_coarser_steps(family):
    problem = wide(MANY_FEATURES + 20)
    assert binning(problem)
    assert not binning(BINARY)
    params = family.settings(problem)[0] | ({"most_rounds": 10} if family.name != "random_forest" else {})
    folds = [(np.arange(0, 120, 2), np.arange(1, 120, 2))]
    assert roc_auc(problem.y[1::2], cross_validate(family, problem, params, folds, 1).raw[1::2]) > 0.6


def test_each_column_of_a_wide_table_costs_more_than_its_cells():
    near, far = wide(MANY_FEATURES).cells, wide(2 * MANY_FEATURES).cells
    assert far > 2.5 * near


def test_logistic_regression_takes_as_many_rows_as_its_weights_can_use(monkeypatch):
    params = {"knots": 2, "C": 1.0}
    assert Logistic().most_rows(BINARY, params) == N
    monkeypatch.setattr(linear, "MOST_DESIGN_CELLS", 1000)
    fewer = Logistic().most_rows(BINARY, params)
    assert fewer < N / 2
    assert roc_auc(BINARY.y, Logistic().learn(BINARY, params, 0, 1).raw(X)) > 0.8
