"""Final fits whose rows are spread over the workers (`TRAINING_BACKEND=dask://…?rows=partitioned`), by the libraries'
own Dask versions: for files whose rows are too many for one machine's patience.

Histograms are added over workers in another order, cuts are merged from parts, and rows are drawn by each worker for
itself: the answers are close to a whole fit's, not the same.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ml_services.learning import Job
from ml_services.scorers import LightGBMScorer, Scorer, XGBoostScorer

if TYPE_CHECKING:
    from ml_services.dask_session import DaskSession
    from ml_services.families import Problem

OF_THE_CALL = ("objective", "seed", "num_threads", "num_class")
"""Settings of LightGBM that its Dask classes take as arguments of their own, or choose."""


def fit(session: DaskSession, problem: Problem, job: Job) -> Scorer:
    """The scorer of one final fit."""
    by = _lightgbm if job.family.name == "lightgbm" else _xgboost
    with session.client.as_current():
        X, y = _spread_rows(session, problem.part(job.rows))
        scorer = by(session.client, problem, job, X, y)
    session.fits += 1
    return scorer


def _spread_rows(session: DaskSession, part: Problem) -> tuple[Any, Any]:
    """X (n, k) and y (n,) as Dask arrays, an even part of the rows on each worker."""
    import time

    import dask.array as da
    from dask import delayed

    started = time.perf_counter()
    workers = sorted(session.client.nthreads())
    arrays: tuple[list[Any], list[Any]] = ([], [])
    for worker, rows in zip(workers, np.array_split(np.arange(len(part.y)), len(workers)), strict=True):
        for values, parts in zip((part.X[rows], part.y[rows]), arrays, strict=True):
            there = session.client.scatter(values, workers=[worker], hash=False)
            parts.append(da.from_delayed(delayed(there), values.shape, values.dtype))
    session.count(2 * len(workers), part.X.nbytes + part.y.nbytes, time.perf_counter() - started)
    return da.concatenate(arrays[0]), da.concatenate(arrays[1])


def _xgboost(client: Any, problem: Problem, job: Job, X: Any, y: Any) -> Scorer:
    from xgboost import dask as by_dask

    from ml_services.boosting import binning

    data = by_dask.DaskQuantileDMatrix(client, X, y, **binning(problem))
    native = job.family._native(problem, job.params, job.seed)  # type: ignore[attr-defined]
    return XGBoostScorer(by_dask.train(client, native, data, num_boost_round=job.rounds)["booster"])


def _lightgbm(client: Any, problem: Problem, job: Job, X: Any, y: Any) -> Scorer:
    import lightgbm as lgb

    native, categories = job.family._native(problem, job.params, job.seed)  # type: ignore[attr-defined]
    kind = lgb.DaskLGBMRegressor if problem.task == "value" else lgb.DaskLGBMClassifier
    own = {name: value for name, value in native.items() if name not in OF_THE_CALL}
    model = kind(
        client=client, n_estimators=job.rounds, objective=native["objective"], random_state=job.seed,
        tree_learner="data", **own,
    )  # fmt: skip
    with warnings.catch_warnings():
        # Its own default for that argument is what it warns of.
        warnings.filterwarnings("ignore", "Parameter n_jobs will be ignored", UserWarning)
        model.fit(X, y, categorical_feature=categories)
    return LightGBMScorer(model.booster_)


__all__ = ["fit"]
