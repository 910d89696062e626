"""Random forest (Breiman 2001), grown by XGBoost as one boosting round of many trees.

So its contributions are exact and one row is quick. Each tree sees rows without replacement (63.2 %, what a bootstrap
keeps) and a part of the features at each split. The round is one Newton step from the class shares; trees are averaged.
One step underestimates how sure to be: calibration puts that right.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from ml_services.boosting import binning
from ml_services.families import Family, Floats, Fold, Params, Problem
from ml_services.scale_out import spread
from ml_services.scorers import Scorer, XGBoostScorer

ROW_SHARE = 0.632
TREES = 100
"""Trees, and depths below, small enough that exact contributions of one row stay near a millisecond."""


class Forest(Family):
    """A random forest."""

    name = "random_forest"
    title = "random forest"
    cost = 3.0
    library = "xgboost"

    def settings(self, problem: Problem) -> list[dict[str, Any]]:
        share = round(float(max(0.25, min(1.0, 2.0 / np.sqrt(problem.X.shape[1])))), 3)
        return [
            {"max_depth": depth, "min_child_weight": weight, "colsample_bynode": share}
            for depth, weight in ((8, 3.0), (6, 5.0), (9, 1.0))
        ]

    def _native(self, problem: Problem, params: Params, seed: int) -> dict[str, Any]:
        objectives = {"binary": "binary:logistic", "classes": "multi:softprob", "value": "reg:tweedie"}
        native = {"verbosity": 0, "nthread": 1, "seed": seed, "tree_method": "hist", "subsample": ROW_SHARE}
        native |= {"learning_rate": 1.0, "num_parallel_tree": max(TREES // problem.n_outputs, 40), "reg_lambda": 0.1}
        native |= {"objective": objectives[str(problem.task)]} | binning(problem) | dict(params)
        if problem.task == "classes":
            native["num_class"] = problem.n_classes
        return native

    def _grow(self, problem: Problem, params: Params, seed: int) -> Any:
        import xgboost as xgb

        data = xgb.QuantileDMatrix(problem.X, problem.y, nthread=1, **binning(problem))
        return xgb.train(self._native(problem, params, seed), data, 1)

    def judge(self, problem: Problem, params: Params, folds: Sequence[Fold], seed: int) -> tuple[int, list[Floats]]:
        return 1, spread(partial(self._fold, dict(params), seed), problem, folds)

    def _fold(self, params: Params, seed: int, problem: Problem, fold: Fold) -> Floats:
        learned, judged = fold
        booster = self._grow(problem.part(learned), params, seed)
        raw: Floats = booster.inplace_predict(problem.X[judged], predict_type="margin").astype(np.float64)
        return raw

    def learn(self, problem: Problem, params: Params, rounds: int, seed: int) -> Scorer:
        return XGBoostScorer(self._grow(problem, params, seed))
