"""Served boosters agree with the libraries that grew them."""

from __future__ import annotations

import base64
import pickle
import subprocess
import sys

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from ml_services.scorers import LightGBMScorer, XGBoostScorer
from tests.ml_services.scorer_kinds import WIDTH, blend, rows, target


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


def test_a_child_forked_after_unpickling_answers() -> None:
    """Threads of OpenMP do not survive a fork: the parent must not have started any."""
    loaded = base64.b64encode(pickle.dumps(blend(2, 1))).decode()
    code = (
        "import base64, os, pickle, sys, signal; signal.alarm(30)\n"
        "scorer = pickle.loads(base64.b64decode(sys.stdin.read()))\n"
        "assert not {'lightgbm', 'xgboost', 'sklearn', 'pandas'} & set(sys.modules)\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    signal.alarm(30)\n"
        f"    row = [0.5] * {WIDTH}\n"
        "    base, effects = scorer.effects_one(row)\n"
        "    os._exit(0 if abs(base + effects.sum() - scorer.raw_one(row)) < 1e-6 else 1)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    done = subprocess.run([sys.executable, "-c", code], input=loaded, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
