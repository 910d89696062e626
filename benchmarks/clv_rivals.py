"""What is usually done about customer lifetime value, as rivals of the benchmark."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from ml_services.columns import profile
from ml_services.encoding import Encoder
from ml_services.lifetime.bgnbd import fit_purchase_model
from ml_services.lifetime.rfm import Floats, Purchases, frame_before, spent_between


def rivals_on_purchases(purchases: Purchases, start: int, days: int) -> dict[str, Floats]:
    """Amounts of the next `days` after `start + days`, in the order of the customers: BG/NBD with gamma-gamma, plain
    LightGBM on RFM figures learned in the middle (the rest of the window, brought to the whole by its length), nothing,
    and each customer's past over again."""
    now, middle = frame_before(purchases, start + days), frame_before(purchases, start + days * 20 // 39)
    model = fit_purchase_model(now.X)
    ahead = days - days * 20 // 39
    target, _ = spent_between(purchases, middle.customer, start + days - ahead, start + days)
    boosted = {
        f"LightGBM {objective}": _lightgbm(middle.X, target, now.X, objective) * days / ahead
        for objective in ("tweedie", "poisson")
    }
    return {
        "BG/NBD + gamma-gamma": np.exp(model.log_value(now.X, days)),
        **boosted,
        "zeros": np.zeros(len(now.X)),
        "past over again": now.X[:, 3] * (now.X[:, 0] + 1.0),
    }


def rivals_on_fields(learn: pa.Table, test: pa.Table, target: Floats, name: str) -> dict[str, Floats]:
    """Guesses of one amount for all, and LightGBM as it comes."""
    reports = profile(learn, target=name)
    encoder = Encoder.fit(reports, learn)
    X, rows, _ = encoder.encode_table(learn)
    T, _, _ = encoder.encode_table(test)
    said = {f"LightGBM {kind}": _lightgbm(X, target[rows], T, kind) for kind in ("regression", "tweedie")}
    n = len(T)
    return {**said, "mean": np.full(n, target.mean()), "median": np.full(n, np.median(target))}


def _lightgbm(X: Floats, y: Floats, T: Floats, objective: str) -> Floats:
    import lightgbm as lgb

    settings: dict[str, Any] = {"objective": objective, "verbosity": -1, "num_threads": 1, "seed": 42}
    booster = lgb.train(settings, lgb.Dataset(X, y), 100)
    return np.asarray(booster.predict(T, num_threads=1))
