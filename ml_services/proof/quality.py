"""Calibration with its sampling error, the deciles, and where the model is weakest: from the rows that judge it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ml_services.calibration import log_losses
from ml_services.card_facts import Grounds
from ml_services.evaluation import calibration_error, confidence_and_hit
from ml_services.families import Floats

DRAWS = 500
INTERVAL = (0.025, 0.975)
TENTHS = 10
FEWEST_ROWS = 50
"""Of a segment: below it, its figures say little."""
WORST = 5


def calibration(judged: Grounds, seed: int) -> dict[str, Any] | None:
    """The ECE with a bootstrap interval over rows (Efron and Tibshirani 1993, percentiles), and the ECE that a
    perfectly calibrated model would show on as many rows by chance alone (Bröcker and Smith, Weather and Forecasting
    2007: outcomes drawn from what was said); None for amounts."""
    if judged.problem.task == "value":
        return None
    said, came = confidence_and_hit(judged.outcome.truth, judged.outcome.said)
    rng, count = np.random.default_rng(seed), len(said)
    drawn, perfect = np.empty(DRAWS), np.empty(DRAWS)
    for k in range(DRAWS):
        rows = rng.integers(0, count, count)
        drawn[k] = calibration_error(said[rows], came[rows])
        perfect[k] = calibration_error(said, (rng.random(count) < said).astype(np.float64))
    low, high = np.quantile(drawn, INTERVAL)
    return {
        "ece": calibration_error(said, came), "low": float(low), "high": float(high),
        "by_chance_alone": float(perfect.mean()), "by_chance_at_most": float(np.quantile(perfect, INTERVAL[1])),
    }  # fmt: skip


def deciles(judged: Grounds) -> list[dict[str, Any]]:
    """Tenths of the rows judged, highest score first: rows, mean said, mean that came, lift over all, and the share of
    everything that came in this tenth and those before. Several classes: by how sure the best class is."""
    truth, said = judged.outcome.truth, judged.outcome.said
    if judged.problem.task != "value":
        said, truth = confidence_and_hit(truth, said)
    order, total = np.argsort(-said, kind="stable"), max(float(truth.sum()), 1e-300)
    lines, before = [], 0.0
    for number, rows in enumerate(np.array_split(order, TENTHS), start=1):
        if not len(rows):
            continue
        before += float(truth[rows].sum())
        came = float(truth[rows].mean())
        lines.append({"tenth": number, "rows": len(rows), "said": float(said[rows].mean()), "came": came,
                      "lift": came / max(float(truth.mean()), 1e-300), "captured": before / total})  # fmt: skip
    return lines


def weak_spots(judged: Grounds) -> dict[str, Any]:
    """The values of categories in which the model tells least beyond the value's own average.

    `skill`: 1 - loss / loss of always saying the segment's own rate or mean (log loss; amounts: absolute error); below
    0 the segment's average would have done better. The worst of many look worse than they are: `looked_at`."""
    problem, truth, said = judged.problem, judged.outcome.truth, judged.outcome.said
    X, found = problem.X[judged.rows], []
    for k, feature in enumerate(problem.features):
        if feature.kind != "category":
            continue
        for code, level in enumerate(feature.levels):
            rows = np.flatnonzero(X[:, k] == code)
            if FEWEST_ROWS <= len(rows) < len(truth):
                found.append(
                    {"column": feature.field, "value": str(level), **_segment(judged, truth[rows], said[rows])}
                )
    worst = sorted(found, key=lambda one: one["skill"])[:WORST]
    return {"looked_at": len(found), "fewest_rows": FEWEST_ROWS, "worst": worst}


def _segment(judged: Grounds, truth: Floats, said: Floats) -> dict[str, Any]:
    if judged.problem.task == "value":
        own = np.abs(truth - np.median(truth))  # the constant with the least absolute error
        loss, plain, means = np.abs(truth - said).mean(), own.mean(), (said.mean(), truth.mean())
    else:
        loss = log_losses(truth, said).mean()
        shares = np.bincount(truth.astype(np.int64), minlength=judged.problem.n_classes) / len(truth)
        plain = -(shares[shares > 0] * np.log(shares[shares > 0])).sum()
        confidence, hit = confidence_and_hit(truth, said)
        means = (confidence.mean(), hit.mean())
    skill = 1 - float(loss) / float(plain) if plain > 0 else 0.0
    return {"rows": len(truth), "skill": skill, "said": float(means[0]), "came": float(means[1])}


__all__ = ["calibration", "deciles", "weak_spots"]
