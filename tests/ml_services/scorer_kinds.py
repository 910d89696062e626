"""Small models of every family, made on random rows."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import xgboost as xgb

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
