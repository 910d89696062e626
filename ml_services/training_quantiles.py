"""What the rows looked like that a model learned from, small enough for its manifest: later rows are held against it.

Quantiles of each number, shares of each category's levels, of each the share of rows without a value; and the
quantiles of what the model answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ml_services.encoding import Feature
from ml_services.families import Floats

SHARES = (0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
"""Deciles, which the population stability index counts in, and the tails."""
MOST_ROWS = 100_000
"""Rows looked at; more move no quantile that matters."""


def training_quantiles(
    X: Floats, features: Sequence[Feature], seed: int, answers: Floats | None = None
) -> dict[str, Any]:
    """JSON-ready. X (n, k) encoded, NaN where missing; `answers` (m,) or (m, K): what the model says of rows that it
    did not learn from."""
    if len(X) > MOST_ROWS:
        X = X[np.sort(np.random.default_rng(seed).permutation(len(X))[:MOST_ROWS])]
    found = {feature.name: _described(X[:, k], feature) for k, feature in enumerate(features)}
    kept: dict[str, Any] = {"rows": len(X), "shares": list(SHARES), "features": found}
    if answers is not None:
        columns = answers[:, None] if answers.ndim == 1 else answers
        kept["answers"] = [_quantiles(column) for column in columns.T]
    return kept


def _described(values: Floats, feature: Feature) -> dict[str, Any]:
    known = values[np.isfinite(values)]
    missing = round(1.0 - len(known) / max(len(values), 1), 6)
    if feature.kind == "category":
        counts = np.bincount(known.astype(np.int64), minlength=len(feature.levels)) / max(len(known), 1)
        levels = {level: round(float(share), 6) for level, share in zip(feature.levels, counts, strict=False)}
        return {"field": feature.field, "missing": missing, "levels": levels}
    return {"field": feature.field, "missing": missing, "quantiles": _quantiles(known)}


def _quantiles(values: Floats) -> list[float]:
    if not len(values):
        return []
    return [float(f"{value:.6g}") for value in np.quantile(values, SHARES)]


__all__ = ["training_quantiles"]
