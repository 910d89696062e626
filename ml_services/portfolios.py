"""Settings of the boosters worth trying, in the order in which each adds most to those before it.

A portfolio fixed beforehand instead of a random search: it does as well within few trials and gives the same model
each time (Feurer et al., "Practical automated machine learning for the AutoML challenge", 2018; Salinas and Erickson,
"TabRepo", 2024). Ordered by cross-validated log loss on seven public files: noisy ones like small trees and strong
regularization, files with sharp interactions want large trees and most columns at each. After it, steps from the best.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Params = dict[str, Any]

LIGHTGBM_BASE: Params = {
    "learning_rate": 0.04,
    "num_leaves": 8,
    "min_data_in_leaf": 20,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "lambda_l2": 5.0,
    "cat_smooth": 20.0,
    "native": True,
}
"""`native`: categories as sets of levels; otherwise their codes are read as numbers."""

XGBOOST_BASE: Params = {
    "learning_rate": 0.05,
    "max_depth": 3,
    "min_child_weight": 5.0,
    "colsample_bynode": 0.5,
    "subsample": 0.8,
    "reg_lambda": 5.0,
}

LARGEST = {"feature_fraction": 1.0, "bagging_fraction": 1.0, "colsample_bynode": 1.0, "subsample": 1.0,
           "num_leaves": 63, "max_depth": 7, "learning_rate": 0.2}  # fmt: skip
SMALLEST = {"feature_fraction": 0.2, "bagging_fraction": 0.5, "colsample_bynode": 0.2, "subsample": 0.5,
            "num_leaves": 3, "max_depth": 2, "learning_rate": 0.02, "min_data_in_leaf": 2}  # fmt: skip
WHOLE = ("num_leaves", "min_data_in_leaf", "max_depth")

LIGHTGBM_STEPS = (
    ("num_leaves", 1.6), ("num_leaves", 0.62), ("feature_fraction", 1.5), ("feature_fraction", 0.67),
    ("min_data_in_leaf", 2.5), ("min_data_in_leaf", 0.4), ("learning_rate", 0.6), ("lambda_l2", 4.0),
    ("lambda_l2", 0.25), ("bagging_fraction", 0.75), ("bagging_fraction", 1.25), ("learning_rate", 1.6),
    ("cat_smooth", 3.0), ("cat_smooth", 0.33),
)  # fmt: skip
XGBOOST_STEPS = (
    ("max_depth", 1.34), ("max_depth", 0.75), ("colsample_bynode", 1.5), ("colsample_bynode", 0.67),
    ("min_child_weight", 2.5), ("min_child_weight", 0.4), ("learning_rate", 0.6), ("reg_lambda", 4.0),
    ("reg_lambda", 0.25), ("subsample", 0.75), ("subsample", 1.25),
)  # fmt: skip


def lightgbm() -> list[Params]:
    """For probabilities."""
    sharp: Params = {"num_leaves": 31, "learning_rate": 0.08, "min_data_in_leaf": 5, "lambda_l2": 0.0,
                     "feature_fraction": 0.7, "bagging_fraction": 1.0}  # fmt: skip
    changes: tuple[Params, ...] = (
        {},
        {"num_leaves": 31, "learning_rate": 0.05, "min_data_in_leaf": 10, "lambda_l2": 1.0},
        {"native": False},
        {"num_leaves": 16, "learning_rate": 0.05},
        sharp,
        {"num_leaves": 16, "learning_rate": 0.05, "feature_fraction": 0.4, "bagging_fraction": 0.7, "native": False},
        {"num_leaves": 4, "learning_rate": 0.05, "feature_fraction": 0.3, "lambda_l2": 10.0},
        sharp | {"native": False},
        {"num_leaves": 16, "learning_rate": 0.08, "feature_fraction": 0.7, "extra_trees": True},
    )
    return [LIGHTGBM_BASE | change for change in changes]


def xgboost() -> list[Params]:
    """For probabilities."""
    changes: tuple[Params, ...] = (
        {},
        {"max_depth": 5},
        {"max_depth": 7, "learning_rate": 0.1, "min_child_weight": 1.0, "reg_lambda": 1.0},
        {"max_depth": 2, "learning_rate": 0.08},
    )
    return [XGBOOST_BASE | change for change in changes]


def value_lightgbm() -> list[Params]:
    """For amounts: Tweedie from many zeros (1.2) to heavy tails without any (1.8)."""
    changes: tuple[Params, ...] = (
        {"tweedie_variance_power": 1.5},
        {"tweedie_variance_power": 1.8, "num_leaves": 16},
        {"tweedie_variance_power": 1.5, "num_leaves": 31, "min_data_in_leaf": 10, "feature_fraction": 0.8},
        {"tweedie_variance_power": 1.2},
    )
    return [LIGHTGBM_BASE | change for change in changes]


def value_xgboost() -> list[Params]:
    """The same."""
    changes: tuple[Params, ...] = (
        {"tweedie_variance_power": 1.5},
        {"tweedie_variance_power": 1.8, "max_depth": 5},
        {"tweedie_variance_power": 1.2, "max_depth": 4},
    )
    return [XGBOOST_BASE | change for change in changes]


def steps(params: Mapping[str, Any], moves: tuple[tuple[str, float], ...]) -> list[Params]:
    """Settings one move away, within bounds; moves that change nothing are left out."""
    found = []
    for name, factor in moves:
        old = params[name]
        new = (old or 0.5) * factor
        new = min(max(new, SMALLEST.get(name, 0.0)), LARGEST.get(name, float("inf")))
        new = round(new) if name in WHOLE else round(new, 4)
        if new != old:
            found.append(dict(params) | {name: new})
    return found
