"""The honest peers that can be had offline: default LightGBM and default logistic regression (amounts: linear), fitted
on the rows that taught our recipe and judged on the rows that judge it, in the same run."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ml_services.card_facts import Grounds
from ml_services.evaluation import classification_figures, value_figures
from ml_services.families import Floats, Problem

NO_INTERVAL = ("interval_coverage",)
Fit = Callable[[Problem, Floats], Floats]
"""`fit(part learned from, X judged)`: probabilities (n,) or (n, K), or amounts (n,)."""


def beside(judged: Grounds) -> list[dict[str, Any]]:
    """{name, seconds, metrics} of each."""
    value = judged.problem.task == "value"
    kinds: list[tuple[str, Fit]] = [
        ("LightGBM, default", _lightgbm),
        ("linear regression, default" if value else "logistic regression, default", _linear),
    ]
    found = []
    for name, fit in kinds:
        started = time.perf_counter()
        said = _said(judged, fit)
        seconds = time.perf_counter() - started
        truth = judged.outcome.truth
        made = value_figures(truth, said, said, said) if value else classification_figures(truth, said)
        metrics = {key: one for key, one in made.items() if key not in NO_INTERVAL}
        found.append({"name": name, "seconds": seconds, "metrics": metrics})
    return found


def _said(judged: Grounds, fit: Fit) -> Floats:
    problem, split = judged.problem, judged.split
    if len(split.holdout):
        return fit(problem.part(split.development), problem.X[split.holdout])
    shape = (len(problem.y),) if problem.n_outputs == 1 else (len(problem.y), problem.n_outputs)
    total, times = np.zeros(shape), np.zeros(len(problem.y))
    for learned, rows in split.folds:
        total[rows] += fit(problem.part(learned), problem.X[rows])
        times[rows] += 1
    shares = times if problem.n_outputs == 1 else times[:, None]
    return np.asarray((total / np.maximum(shares, 1))[judged.rows])


def _output(model: Any, problem: Problem, X: Floats) -> Floats:
    if problem.task == "value":
        return np.asarray(model.predict(X), dtype=np.float64)
    found = np.asarray(model.predict_proba(X), dtype=np.float64)
    if problem.task == "binary":
        return found[:, 1]
    whole = np.zeros((len(X), problem.n_classes))
    whole[:, model.classes_.astype(np.int64)] = found
    return whole


def _lightgbm(part: Problem, X: Floats) -> Floats:
    from lightgbm import LGBMClassifier, LGBMRegressor

    kind = LGBMRegressor if part.task == "value" else LGBMClassifier
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a default model warns of is its own affair
        model = kind(n_jobs=1, verbose=-1).fit(part.X, part.y, categorical_feature=part.categories)
        return _output(model, part, X)


def _linear(part: Problem, X: Floats) -> Floats:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = [k for k in range(part.X.shape[1]) if k not in part.categories]
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler()), numbers),
            ("categories", OneHotEncoder(handle_unknown="ignore"), part.categories),
        ]
    )
    model = make_pipeline(columns, LinearRegression() if part.task == "value" else LogisticRegression(max_iter=1000))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _output(model.fit(part.X, part.y), part, X)


__all__ = ["beside"]
