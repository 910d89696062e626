"""One row, from the record to the answer, against what the libraries themselves need for it.

    python -m benchmarks.serving [--rounds N] [--json FILE]

Trains 200 trees of LightGBM and XGBoost on the Telco churn file of ../shared/data (SHARED_DATA elsewhere), or on made
rows of the same shape. All figures of a family come from the same run, in turns, on the same rows; medians, in
microseconds of wall time on one thread.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.serving_rows import Rows, telco
from ml_services.calibration import Sigmoid
from ml_services.predictors.churn import Churn
from ml_services.presentation import Learned
from ml_services.scorers import LightGBMScorer, Scorer, XGBoostScorer
from ml_services.tabular import TabularModel

TREES = 200
ANSWER_BUDGET, REASONS_BUDGET = 3.0, 1.5
SLICE_S = 0.03
Call = Callable[[], Any]


@dataclass
class Peer:
    """One library's booster with its own ways to predict a row."""

    name: str
    scorer: Scorer
    raw: Callable[[np.ndarray], Any]
    contributions: Callable[[np.ndarray], Any]
    estimator: Any


def lightgbm_peer(X: np.ndarray, y: np.ndarray) -> Peer:
    import lightgbm as lgb

    params = {"objective": "binary", "learning_rate": 0.05, "num_leaves": 31, "verbose": -1, "num_threads": 2}
    booster = lgb.train(params, lgb.Dataset(X, y), TREES)
    return Peer(
        "LightGBM",
        LightGBMScorer(booster),
        lambda row: booster.predict(row, raw_score=True, num_threads=1),
        lambda row: booster.predict(row, pred_contrib=True, num_threads=1),
        lgb.LGBMClassifier(n_estimators=TREES, learning_rate=0.05, n_jobs=1, verbose=-1),
    )


def xgboost_peer(X: np.ndarray, y: np.ndarray) -> Peer:
    import xgboost as xgb

    params = {"objective": "binary:logistic", "learning_rate": 0.05, "max_depth": 6, "nthread": 1}
    booster = xgb.train(params, xgb.DMatrix(X, y), TREES)
    return Peer(
        "XGBoost",
        XGBoostScorer(booster),
        lambda row: booster.inplace_predict(row, predict_type="margin"),
        lambda row: booster.predict(xgb.DMatrix(row, nthread=1), pred_contribs=True),
        xgb.XGBClassifier(n_estimators=TREES, learning_rate=0.05, max_depth=6, n_jobs=1),
    )


def pipeline_call(peer: Peer, rows: Rows) -> Call:
    """The usual service: a DataFrame a request through a ColumnTransformer."""
    import pandas as pd
    from sklearn.compose import make_column_transformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    frame = pd.DataFrame(rows.table.select(list(rows.records[0])).to_pydict())
    frame[rows.numbers] = frame[rows.numbers].apply(pd.to_numeric, errors="coerce")
    texts = [name for name in frame.columns if name not in rows.numbers]
    encode = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), texts), remainder="passthrough")
    service = make_pipeline(encode, peer.estimator).fit(frame, rows.y)
    turn = cycle(rows.records)
    return lambda: service.predict_proba(pd.DataFrame([next(turn)]))


def calls_of(peer: Peer, rows: Rows) -> dict[str, Call]:
    answer = Churn().presentation(Learned(share=float(rows.y.mean())))
    model = TabularModel(rows.encoder, peer.scorer, Sigmoid(), answer)
    encode_one, raw_one = rows.encoder.encode_one, peer.scorer.raw_one
    encoded: Sequence[list[float]] = [encode_one(record) for record in rows.records]
    arrays, lists, turn = cycle([np.array([row]) for row in encoded]), cycle(encoded), cycle(rows.records)
    return {
        "library, one ready row": lambda: peer.raw(next(arrays)),
        "C call, one ready row": lambda: raw_one(next(lists)),
        "encode": lambda: encode_one(next(turn)),
        "encode + C call": lambda: raw_one(encode_one(next(turn))),
        "answer": lambda: model.answer(next(turn), explain=False),
        "library contributions, one ready row": lambda: peer.contributions(next(arrays)),
        "answer with reasons": lambda: model.answer(next(turn), explain=True),
    }


def measured(calls: dict[str, Call], rounds: int) -> dict[str, float]:
    """Median microseconds a call, in turns, so that a busy moment hits all of them."""
    counts: dict[str, int] = {}
    for name, call in calls.items():
        call()
        started = time.perf_counter()
        call()
        counts[name] = max(1, int(SLICE_S / (time.perf_counter() - started)))
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            started = time.perf_counter()
            for _ in range(counts[name]):
                call()
            times[name].append((time.perf_counter() - started) / counts[name] * 1e6)
    return {name: statistics.median(values) for name, values in times.items()}


def reported(name: str, found: dict[str, float]) -> Iterator[str]:
    yield f"\n{name}, {TREES} trees"
    for what, value in found.items():
        yield f"  {what:<40} {value:>9.1f} µs"
    answer, reasons = found["answer"], found["answer with reasons"]
    contributions = found["library contributions, one ready row"]
    for what, ratio, budget in (
        ("answer / library's call", answer / found["library, one ready row"], ANSWER_BUDGET),
        ("answer / (encode + C call)", answer / found["encode + C call"], ANSWER_BUDGET),
        ("answer / C call", answer / found["C call, one ready row"], None),
        ("with reasons / library contributions", reasons / contributions, REASONS_BUDGET),
    ):
        verdict = "" if budget is None else f"  budget {budget}: {'met' if ratio <= budget else 'MISSED'}"
        yield f"  {what:<40} {ratio:>9.2f}{verdict}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    rows = telco()
    print(f"{rows.source}: {len(rows.X)} rows, {len(rows.encoder.fields)} fields, {rows.X.shape[1]} features")
    results = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for grow in (lightgbm_peer, xgboost_peer):
            peer = grow(rows.X, rows.y)
            calls = calls_of(peer, rows) | {"DataFrame + ColumnTransformer pipeline": pipeline_call(peer, rows)}
            results[peer.name] = measured(calls, options.rounds)
            print("\n".join(reported(peer.name, results[peer.name])))
    if options.json:
        options.json.write_text(json.dumps({"source": rows.source, "microseconds": results}, indent=2))


if __name__ == "__main__":
    main()
