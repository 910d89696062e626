"""Raw scores and effects of every scorer: exact, the same for one row and many, in every thread, after pickling."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_services.scorers import AdditiveScorer, Blend, Curve, Levels, LightGBMScorer, XGBoostScorer

ROWS, WIDTH = 300, 6


def rows(seed: int, n: int = ROWS, missing: float = 0.1) -> np.ndarray:
    """Two columns of category codes, four of numbers, some values missing."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, WIDTH)) * [1, 1, 1, 100, 1e-3, 1]
    X[:, 0], X[:, 1] = rng.integers(0, 8, n), rng.integers(0, 3, n)
    X[rng.random(X.shape) < missing] = np.nan
    return X


def target(X: np.ndarray, classes: int, seed: int) -> np.ndarray:
    signal = np.nan_to_num(X[:, 2]) + (X[:, 0] % 3 == 1) + np.random.default_rng(seed).normal(size=len(X))
    return np.digitize(signal, np.quantile(signal, np.linspace(0, 1, classes + 1)[1:-1]))


def lightgbm_scorer(classes: int, seed: int, native: bool = True, rounds: int = 8) -> LightGBMScorer:
    X = rows(seed)
    objective = {"objective": "binary"} if classes == 2 else {"objective": "multiclass", "num_class": classes}
    params = {**objective, "verbose": -1, "num_threads": 1, "seed": seed, "min_data_in_leaf": 5}
    data = lgb.Dataset(X, target(X, classes, seed), categorical_feature=[0, 1] if native else [])
    return LightGBMScorer(lgb.train(params, data, rounds))


def xgboost_scorer(classes: int, seed: int, native: bool = True, rounds: int = 8, **more: Any) -> XGBoostScorer:
    X = rows(seed)
    objective = {"objective": "binary:logistic"} if classes == 2 else {"objective": "multi:softprob"}
    if classes > 2:
        objective["num_class"] = classes  # type: ignore[assignment]
    kinds = ["c", "c", *"qqqq"] if native else None
    data = xgb.DMatrix(X, target(X, classes, seed), feature_types=kinds, enable_categorical=native)
    return XGBoostScorer(xgb.train({**objective, "nthread": 1, "seed": seed, **more}, data, rounds))


def forest_scorer(classes: int, seed: int) -> XGBoostScorer:
    return xgboost_scorer(classes, seed, rounds=1, num_parallel_tree=20, learning_rate=1.0, subsample=0.6)


def additive_scorer(classes: int, seed: int) -> AdditiveScorer:
    rng = np.random.default_rng(seed)
    outputs = 1 if classes == 2 else classes
    parts: list[Curve | Levels] = [
        Levels(rng.normal(size=(outputs, 8)), rng.normal(size=outputs)),
        Levels(rng.normal(size=(outputs, 3)), rng.normal(size=outputs)),
    ]
    for knots in ([0.0], [-1.0, 2.0], [-50.0, 0.0, 3.0, 80.0], [-1e-3, 1e-3]):
        parts.append(Curve(np.array(knots), rng.normal(size=(outputs, len(knots))), rng.normal(size=outputs)))
    return AdditiveScorer(parts, rng.normal(size=outputs), rows(seed))


def blend(classes: int, seed: int) -> Blend:
    members = [lightgbm_scorer(classes, seed), xgboost_scorer(classes, seed), additive_scorer(classes, seed)]
    return Blend(members, [0.5, 0.3, 0.2])


KINDS = {
    "lightgbm": lightgbm_scorer,
    "lightgbm, codes as numbers": lambda classes, seed: lightgbm_scorer(classes, seed, native=False),
    "xgboost": xgboost_scorer,
    "xgboost, codes as numbers": lambda classes, seed: xgboost_scorer(classes, seed, native=False),
    "forest": forest_scorer,
    "additive": additive_scorer,
    "blend": blend,
}


@pytest.fixture(params=[(kind, classes) for kind in KINDS for classes in (2, 4)], ids=str, scope="module")
def scorer(request: pytest.FixtureRequest) -> Any:
    kind, classes = request.param
    return KINDS[kind](classes, 7)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), classes=st.sampled_from([2, 3, 5]))
def test_base_plus_effects_is_raw_on_random_models(kind: str, seed: int, classes: int) -> None:
    scorer, X = KINDS[kind](classes, seed), rows(seed + 1, 40)
    base, effects = scorer.effects(X)
    np.testing.assert_allclose(base + effects.sum(axis=1), scorer.raw(X), atol=1e-6, rtol=0)
    base, effects = scorer.effects_one(X[3].tolist())
    np.testing.assert_allclose(base + effects.sum(axis=0), scorer.raw_one(X[3].tolist()), atol=1e-6, rtol=0)


def test_shapes_follow_the_number_of_outputs(scorer: Any) -> None:
    X, k = rows(1, 5), scorer.n_outputs
    base, effects = scorer.effects(X)
    one_base, one_effects = scorer.effects_one(X[0].tolist())
    assert scorer.n_features == WIDTH
    assert scorer.raw(X).shape == ((5,) if k == 1 else (5, k))
    assert effects.shape == ((5, WIDTH) if k == 1 else (5, WIDTH, k))
    assert one_effects.shape == effects.shape[1:]
    assert np.shape(base) == np.shape(one_base) == np.shape(scorer.raw_one(X[0].tolist())) == (() if k == 1 else (k,))


def test_one_row_equals_its_place_in_a_batch(scorer: Any) -> None:
    X = rows(2, 60)
    together = scorer.raw(X)
    _, effects = scorer.effects(X)
    for j in range(len(X)):
        np.testing.assert_allclose(scorer.raw_one(X[j].tolist()), together[j], atol=1e-9, rtol=0)
        np.testing.assert_allclose(scorer.effects_one(X[j].tolist())[1], effects[j], atol=1e-6, rtol=0)


def test_eight_threads_get_the_same_answers(scorer: Any) -> None:
    X = rows(3, 80).tolist()
    expected = [np.array(scorer.raw_one(row)) for row in X]
    effects = [scorer.effects_one(row)[1] for row in X]

    def work(_: int) -> bool:
        same = [np.array_equal(scorer.raw_one(row), value) for row, value in zip(X, expected, strict=True)]
        return all(same) and all(
            np.array_equal(scorer.effects_one(row)[1], value) for row, value in zip(X, effects, strict=True)
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(16)))


def test_a_pickled_scorer_answers_the_same(scorer: Any) -> None:
    again, X = pickle.loads(pickle.dumps(scorer)), rows(4, 20)  # noqa: S301
    assert np.array_equal(again.raw(X), scorer.raw(X))
    assert np.array_equal(again.raw_one(X[0].tolist()), scorer.raw_one(X[0].tolist()))
    assert np.array_equal(again.effects(X)[1], scorer.effects(X)[1])


def test_unpickling_builds_no_booster(scorer: Any) -> None:
    again = pickle.loads(pickle.dumps(scorer))  # noqa: S301
    for member in getattr(again, "members", [again]):
        assert not getattr(member, "_boosters", {})


@pytest.mark.parametrize("code", [np.nan, -1.0, 8.0, 99.0, 1e6])
def test_a_code_never_seen_is_answered(scorer: Any, code: float) -> None:
    X = rows(5, 3)
    X[:, 0] = code
    assert np.isfinite(scorer.raw(X)).all()
    np.testing.assert_allclose(scorer.raw_one(X[1].tolist()), scorer.raw(X)[1], atol=1e-9, rtol=0)
    base, effects = scorer.effects_one(X[1].tolist())
    np.testing.assert_allclose(base + effects.sum(axis=0), scorer.raw_one(X[1].tolist()), atol=1e-6, rtol=0)


def test_an_all_missing_row_is_answered(scorer: Any) -> None:
    row = [float("nan")] * WIDTH
    base, effects = scorer.effects_one(row)
    np.testing.assert_allclose(base + effects.sum(axis=0), scorer.raw_one(row), atol=1e-6, rtol=0)


def test_lightgbm_agrees_with_its_library() -> None:
    X = rows(6)
    booster = lgb.train({"objective": "binary", "verbose": -1, "num_threads": 1}, lgb.Dataset(X, target(X, 2, 6)), 20)
    scorer = LightGBMScorer(booster)
    assert np.array_equal(scorer.raw(X), booster.predict(X, raw_score=True))
    assert scorer.raw_one(X[0].tolist()) == booster.predict(X[:1], raw_score=True)[0]
    assert np.array_equal(scorer.effects(X)[1], booster.predict(X, pred_contrib=True)[:, :-1])


def test_xgboost_agrees_with_its_library() -> None:
    X = rows(6)
    data = xgb.DMatrix(X, target(X, 2, 6))
    booster = xgb.train({"objective": "binary:logistic", "nthread": 1}, data, 20)
    scorer = XGBoostScorer(booster)
    np.testing.assert_allclose(scorer.raw(X), booster.predict(data, output_margin=True), atol=1e-5)
    np.testing.assert_allclose(scorer.effects(X)[1], booster.predict(data, pred_contribs=True)[:, :-1], atol=1e-4)


def test_a_booster_stopped_early_serves_its_best_round() -> None:
    X = rows(6)
    data, held = xgb.DMatrix(X, target(X, 2, 6)), xgb.DMatrix(rows(8), target(rows(8), 2, 8))
    params = {"objective": "binary:logistic", "nthread": 1, "learning_rate": 0.9, "max_depth": 8}
    booster = xgb.train(params, data, 60, evals=[(held, "held")], early_stopping_rounds=5, verbose_eval=False)
    kept = booster.predict(data, output_margin=True, iteration_range=(0, booster.best_iteration + 1))
    assert booster.best_iteration + 1 < booster.num_boosted_rounds()
    np.testing.assert_allclose(XGBoostScorer(booster).raw(X), kept, atol=1e-5)


def test_effects_of_a_line_are_coefficient_times_distance_from_the_mean() -> None:
    X = np.random.default_rng(1).uniform(-1, 1, size=(50, 1))
    scorer = AdditiveScorer([Curve(np.array([-1.0, 1.0]), np.array([[-3.0, 3.0]]), np.array([0.0]))], [0.5], X)
    base, effects = scorer.effects_one([0.4])
    assert effects[0] == pytest.approx(3.0 * (0.4 - X.mean()))
    assert base == pytest.approx(0.5 + 3.0 * X.mean())


def test_a_curve_is_flat_beyond_its_knots() -> None:
    scorer = AdditiveScorer([Curve(np.array([0.0, 1.0]), np.array([[2.0, 5.0]]), np.array([9.0]))], [0.0])
    assert [scorer.raw_one([x]) for x in (-1e9, 0.5, 1e9, float("inf"))] == [2.0, 3.5, 5.0, 9.0]
