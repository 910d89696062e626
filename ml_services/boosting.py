"""Gradient boosting by LightGBM and XGBoost: small trees, slow learning, strong regularization, early stopping."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from threading import Lock
from typing import Any

import numpy as np

from ml_services import portfolios
from ml_services.families import MANY_FEATURES, Family, Floats, Fold, Params, Problem, Trial
from ml_services.scale_out import side_by_side, spread
from ml_services.scorers import LightGBMScorer, Scorer, XGBoostScorer

PATIENCE = 40
"""Rounds without improvement after which a fold stops."""
MOST_TREES = 400
"""Trees a model may hold for one output: one row must stay a matter of microseconds."""
MOST_TREES_ALL = 1000
"""The same over all classes."""
FEWEST_ROUNDS = 10
MOST_COPIES = 4
FEWER_BINS = 63
"""Of wide tables numbers are cut into fewer steps than usual (255): each node of a tree passes over the bins of all
features, which where rows are few is nearly all the time, for steps finer than the rows can tell apart."""
OURS = ("native", "most_rounds")
"""Settings that are not the library's."""


def most_rounds(problem: Problem, params: Params) -> int:
    """Boosting rounds that keep the served model light, or the setting's own limit."""
    return int(params.get("most_rounds", 0)) or max(min(MOST_TREES, MOST_TREES_ALL // problem.n_outputs), FEWEST_ROUNDS)


def binning(problem: Problem) -> dict[str, int]:
    """The setting of both libraries for wide tables; none for others."""
    return {"max_bin": FEWER_BINS} if problem.X.shape[1] > MANY_FEATURES else {}


def best_rounds(curves: Sequence[Sequence[float]]) -> int:
    """Where the mean of the folds' validation curves is lowest; a fold that stopped counts with its last value."""
    length = max(map(len, curves))
    padded = [np.concatenate([curve, np.full(length - len(curve), curve[-1])]) for curve in curves]
    return max(int(np.mean(padded, axis=0).argmin()) + 1, FEWEST_ROUNDS)


class _LightGBMFold:
    """One fold of a setting: the booster and its validation curve. The rows are cut into bins once for all folds."""

    def __init__(self, native: dict[str, Any], categories: list[int], most: int) -> None:
        self.native, self.categories, self.most = native, categories, most
        self._lock, self._whole = Lock(), None

    def __reduce__(self) -> tuple[Any, ...]:
        return _LightGBMFold, (self.native, self.categories, self.most)

    def _binned(self, problem: Problem) -> Any:
        import lightgbm as lgb

        with self._lock:
            if self._whole is None:
                self._whole = lgb.Dataset(
                    problem.X, problem.y, categorical_feature=self.categories, params=self.native, free_raw_data=False
                ).construct()
            return self._whole

    def __call__(self, problem: Problem, fold: Fold) -> tuple[Any, list[float]]:
        import lightgbm as lgb

        whole = self._binned(problem)
        learned, judged = (np.sort(rows) for rows in fold)
        history: dict[str, dict[str, list[float]]] = {}
        watch = [lgb.record_evaluation(history), lgb.early_stopping(PATIENCE, verbose=False)]
        part, held = whole.subset(learned), whole.subset(judged)
        booster = lgb.train(self.native, part, self.most, valid_sets=[held], callbacks=watch)
        return booster, next(iter(history["valid_0"].values()))


def _xgboost_fold(native: dict[str, Any], most: int, problem: Problem, fold: Fold) -> tuple[Any, list[float]]:
    import xgboost as xgb

    learned, judged = fold
    bins = binning(problem)
    part = xgb.QuantileDMatrix(problem.X[learned], problem.y[learned], nthread=1, **bins)
    held = xgb.QuantileDMatrix(problem.X[judged], problem.y[judged], ref=part, nthread=1, **bins)
    history: dict[str, dict[str, list[float]]] = {}
    booster = xgb.train(
        native, part, most, evals=[(held, "held")], evals_result=history, early_stopping_rounds=PATIENCE,
        verbose_eval=False,
    )  # fmt: skip
    return booster, next(iter(history["held"].values()))


class LightGBM(Family):
    """LightGBM: Ke et al., NeurIPS 2017."""

    name = "lightgbm"
    title = "LightGBM"
    cost = 4.0
    library = "lightgbm"

    def settings(self, problem: Problem) -> list[dict[str, Any]]:
        return portfolios.value_lightgbm() if problem.task == "value" else portfolios.lightgbm()

    def neighbours(self, params: Params) -> list[dict[str, Any]]:
        return portfolios.steps(params, portfolios.LIGHTGBM_STEPS)

    def copies(self, problem: Problem, trial: Trial) -> int:
        """As many as hold no more trees together than one model may: few, large trees vary most from seed to seed."""
        return min(MOST_COPIES, most_rounds(problem, {}) // trial.rounds)

    def _native(self, problem: Problem, params: Params, seed: int) -> tuple[dict[str, Any], list[int]]:
        native = {key: value for key, value in params.items() if key not in OURS}
        native |= {"verbosity": -1, "num_threads": 1, "seed": seed, "deterministic": True, "bagging_freq": 1}
        native |= {"force_col_wise": True, "max_cat_to_onehot": 4} | binning(problem)
        objective = {"binary": "binary", "classes": "multiclass", "value": "tweedie"}[str(problem.task)]
        native.setdefault("objective", objective)
        if problem.task == "classes":
            native["num_class"] = problem.n_classes
        return native, problem.categories if params.get("native", True) else []

    def judge(self, problem: Problem, params: Params, folds: Sequence[Fold], seed: int) -> tuple[int, list[Floats]]:

        native, categories = self._native(problem, params, seed)
        results = spread(_LightGBMFold(native, categories, most_rounds(problem, params)), problem, folds)
        rounds = best_rounds([curve for _, curve in results])

        def raw(pair: tuple[Any, Fold]) -> Floats:
            (booster, _), (_, judged) = pair
            answer: Floats = booster.predict(problem.X[judged], raw_score=True, num_iteration=rounds, num_threads=1)
            return answer

        return rounds, side_by_side(raw, list(zip(results, folds, strict=True)))

    def learn(self, problem: Problem, params: Params, rounds: int, seed: int) -> Scorer:
        import lightgbm as lgb

        native, categories = self._native(problem, params, seed)
        data = lgb.Dataset(problem.X, problem.y, categorical_feature=categories, params=native)
        return LightGBMScorer(lgb.train(native, data, rounds))


class XGBoost(Family):
    """XGBoost: Chen and Guestrin, KDD 2016. Category codes are read as numbers, which differs from LightGBM's way and
    so helps a blend."""

    name = "xgboost"
    title = "XGBoost"
    cost = 3.5
    library = "xgboost"

    def settings(self, problem: Problem) -> list[dict[str, Any]]:
        return portfolios.value_xgboost() if problem.task == "value" else portfolios.xgboost()

    def neighbours(self, params: Params) -> list[dict[str, Any]]:
        return portfolios.steps(params, portfolios.XGBOOST_STEPS)

    def _native(self, problem: Problem, params: Params, seed: int) -> dict[str, Any]:
        native = {"verbosity": 0, "nthread": 1, "seed": seed, "tree_method": "hist"}
        native |= binning(problem) | {key: value for key, value in params.items() if key not in OURS}
        objectives = {"binary": "binary:logistic", "classes": "multi:softprob", "value": "reg:tweedie"}
        native.setdefault("objective", objectives[str(problem.task)])
        if problem.task == "classes":
            native["num_class"] = problem.n_classes
        return native

    def judge(self, problem: Problem, params: Params, folds: Sequence[Fold], seed: int) -> tuple[int, list[Floats]]:

        native = self._native(problem, params, seed)
        results = spread(partial(_xgboost_fold, native, most_rounds(problem, params)), problem, folds)
        rounds = best_rounds([curve for _, curve in results])

        def raw(pair: tuple[Any, Fold]) -> Floats:
            (booster, _), (_, judged) = pair
            booster.set_param({"nthread": 1})
            last = min(rounds, booster.num_boosted_rounds())
            found = booster.inplace_predict(problem.X[judged], iteration_range=(0, last), predict_type="margin")
            return np.asarray(found, dtype=np.float64)

        return rounds, side_by_side(raw, list(zip(results, folds, strict=True)))

    def learn(self, problem: Problem, params: Params, rounds: int, seed: int) -> Scorer:
        import xgboost as xgb

        native = self._native(problem, params, seed)
        data = xgb.QuantileDMatrix(problem.X, problem.y, nthread=1, **binning(problem))
        return XGBoostScorer(xgb.train(native, data, rounds))
