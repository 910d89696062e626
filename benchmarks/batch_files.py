"""What the batch benchmark runs on: a made file, a model of 200 trees on it, and the same booster for a bare script."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from benchmarks.serving_rows import ID, TARGET, TELCO
from file_uploads.reading import open_table
from ml_services.base import Field
from ml_services.calibration import Sigmoid
from ml_services.columns import profile
from ml_services.encoding import Encoder
from ml_services.predictors.churn import Churn
from ml_services.presentation import Learned
from ml_services.scorers import LightGBMScorer
from ml_services.tabular import TabularModel

TREES = 200
TEXT_COLUMNS, NUMBER_COLUMNS = 8, 12
LEARNED_ROWS = 20_000
WRITTEN_AT_ONCE = 100_000


def make_rows(rng: np.random.Generator, count: int) -> pa.Table:
    """Categories of 2 to 9 levels and numbers of three sorts, some unknown; the outcome hangs on a few of them."""
    columns: dict[str, Any] = {}
    for k in range(TEXT_COLUMNS):
        levels = pa.array([f"level {chr(97 + level)} of {k}" for level in range(2 + k)])
        columns[f"kind_{k}"] = levels.take(pa.array(rng.integers(0, 2 + k, count)))
    for k in range(NUMBER_COLUMNS):
        sorts = (rng.integers(0, 72, count), rng.normal(50, 20, count).round(2), rng.gamma(2, 500, count).round(2))
        values = sorts[k % 3]
        columns[f"number_{k}"] = pa.array(values, mask=rng.random(count) < 0.02)
    first, second = columns["number_0"].fill_null(0).to_numpy(), columns["number_2"].fill_null(0).to_numpy()
    odds = 1.5 - first / 24 + second / 1500 + (rng.integers(0, 2, count) == 1)
    columns[TARGET] = pa.array(np.where(rng.random(count) < 1 / (1 + np.exp(-odds)), "Yes", "No"))
    return pa.table(columns)


def write_files(folder: Path, rows: int, seed: int) -> str:
    """learn.csv with the outcome; score.csv with `rows` rows without it; model.pkl; booster.txt and levels.json.
    A real churn file is learned from where there is one, and its rows drawn again and again to be scored; else made
    rows. Returns which."""
    rng = np.random.default_rng(seed)
    learned = pa_csv.read_csv(TELCO) if TELCO.exists() else make_rows(rng, LEARNED_ROWS)
    pa_csv.write_csv(learned, folder / "learn.csv")
    asked = learned.drop_columns([TARGET])
    with (folder / "score.csv").open("wb") as stream:
        for start in range(0, rows, WRITTEN_AT_ONCE):
            part = asked.take(pa.array(rng.integers(0, asked.num_rows, min(WRITTEN_AT_ONCE, rows - start))))
            options = pa_csv.WriteOptions(include_header=start == 0, quoting_style="none")
            pa_csv.write_csv(part, stream, options)
    _write_model(folder)
    return TELCO.name if TELCO.exists() else "made rows"


def _write_model(folder: Path) -> None:
    import lightgbm as lgb

    table = open_table(folder / "learn.csv").read()
    encoder = Encoder.fit(profile(table, target=TARGET, id_column=ID if ID in table.column_names else ""), table)
    X, _, _ = encoder.encode_table(table)
    y = (np.array(table[TARGET].to_pylist()) == "Yes").astype(np.float64)
    params = {"objective": "binary", "learning_rate": 0.05, "verbose": -1, "num_threads": 2, "seed": 1}
    booster = lgb.train(params, lgb.Dataset(X, y), TREES)
    answer = Churn().presentation(Learned(share=float(y.mean())))
    model = TabularModel(encoder, LightGBMScorer(booster), Sigmoid(), answer)
    (folder / "model.pkl").write_bytes(pickle.dumps(model))
    (folder / "booster.txt").write_text(booster.model_to_string())
    truths = {field.name: _no_yes(field) for field in encoder.fields if field.truthy}
    features = [{"name": f.name, "levels": f.levels or truths.get(f.field, [])} for f in encoder.features]
    (folder / "levels.json").write_text(json.dumps(features))


def _no_yes(field: Field) -> list[str]:
    return sorted(field.choices, key=lambda word: word == field.truthy)


__all__ = ["TREES", "write_files"]
