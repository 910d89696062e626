"""What the rows looked like that a model learned from, small enough for its manifest: later rows are held against it.

Quantiles of each number, shares of each category's levels, of each the share of rows without a value; the quantiles
of what the model answers; and, for tests that need counts, how many rows lie in each bin of numbers, answers and
targets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ml_services.encoding import Feature
from ml_services.families import Floats

SHARES = (0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
"""Deciles, which the population stability index counts in, and the tails."""
MOST_ROWS = 100_000
"""Rows looked at; more move no quantile that matters."""
CUTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Ten bins, the population stability index's usual number (N. Siddiqi, Credit Risk Scorecards, 2006, ch. 9)."""


def training_quantiles(
    X: Floats,
    features: Sequence[Feature],
    seed: int,
    answers: Floats | None = None,
    *,
    target: Floats | None = None,
    labels: Sequence[str] = (),
    said: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """JSON-ready. X (n, k) encoded, NaN where missing; `answers` (m,) or (m, K): what the model says of rows that it
    did not learn from; `target` (n,): what was learned, codes of `labels` where there are any; `said`: rows by the
    name that the model gives them, where it gives names alone."""
    if len(X) > MOST_ROWS:
        X = X[np.sort(np.random.default_rng(seed).permutation(len(X))[:MOST_ROWS])]
    found = {feature.name: _described(X[:, k], feature) for k, feature in enumerate(features)}
    kept: dict[str, Any] = {"rows": len(X), "shares": list(SHARES), "features": found}
    if answers is not None:
        columns = answers[:, None] if answers.ndim == 1 else answers
        kept["answers"] = [_quantiles(column) for column in columns.T]
        kept["said"] = binned(answers) if answers.ndim == 1 else binned(answers.max(axis=1))
        if answers.ndim == 2:
            said = _by_name(answers.argmax(axis=1), labels)
    if said:
        kept["named"] = dict(said)
    if target is not None:
        # A list: a manifest's keys are sorted, and of two labels the last is the positive one.
        kept["target"] = {"labels": [*_by_name(target, labels).items()]} if labels else binned(target)
    return kept


def binned(values: Floats) -> dict[str, Any]:
    """`edges` ascending, and `counts` of the known values in (-inf, first edge], …, (last edge, inf). Edges lie midway
    between values, so that a value told with fewer digits stays in its bin."""
    known = np.sort(values[np.isfinite(values)])
    if not len(known):
        return {"edges": [], "counts": [0], "mean": None, "deviation": None}
    at = np.unique(np.quantile(known, CUTS, method="inverted_cdf"))
    after = np.searchsorted(known, at, side="right")
    inner = after < len(known)
    edges = (at[inner] + known[after[inner]]) / 2
    counts = np.diff(np.concatenate([[0], np.searchsorted(known, edges, side="right"), [len(known)]]))
    return {
        "edges": edges.tolist(),
        "counts": counts.tolist(),
        "mean": float(known.mean()),
        "deviation": float(known.std()),
    }


def _by_name(codes: Floats, labels: Sequence[str]) -> dict[str, int]:
    counts = np.bincount(codes.astype(np.int64), minlength=len(labels)).tolist()
    return dict(zip(labels, counts, strict=False))


def _described(values: Floats, feature: Feature) -> dict[str, Any]:
    known = values[np.isfinite(values)]
    missing = round(1.0 - len(known) / max(len(values), 1), 6)
    if feature.kind == "category":
        counts = np.bincount(known.astype(np.int64), minlength=len(feature.levels)) / max(len(known), 1)
        levels = {level: round(float(share), 6) for level, share in zip(feature.levels, counts, strict=False)}
        return {"field": feature.field, "missing": missing, "levels": levels}
    return {"field": feature.field, "missing": missing, "quantiles": _quantiles(known), "bins": binned(known)}


def _quantiles(values: Floats) -> list[float]:
    if not len(values):
        return []
    return [float(f"{value:.6g}") for value in np.quantile(values, SHARES)]


__all__ = ["binned", "training_quantiles"]
