"""From raw scores to a calibrated probability, the band that counts as neutral, and how good both are."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ml_services.texts.labels import NEGATIVE, NEUTRAL, POSITIVE
from ml_services.texts.logistic import fit, sigmoid
from ml_services.texts.polarity import UNLEARNED_BAND, Logistic
from ml_services.texts.scoring import PRIOR_WEIGHTS

Floats = npt.NDArray[np.float64]

CALIBRATION_PENALTY = 1.0
SMALLEST_SLOPE = 0.05
FEWEST_NEUTRAL = 10
"""With fewer neutral texts no band of neutral is learned."""
WIDEST_BAND = 0.1
"""A text with odds of three to two for a side is not neutral, however few neutral texts were mistaken."""
BAND_STEPS = 40


def platt(raw: Floats, y: Floats) -> Logistic:
    """Platt's two parameters on out-of-fold scores, drawn to (1, 0)."""
    X = np.column_stack([raw, np.ones(len(raw))])
    slope, shift = fit(X, y, np.array([1.0, 0.0]), np.full(2, CALIBRATION_PENALTY)).tolist()
    return Logistic(max(slope, SMALLEST_SLOPE), shift)


def calibrate(raw: Floats, y: Floats) -> tuple[Logistic, tuple[float, float]]:
    """The calibrator, and the band of neutral, if any were labelled."""
    calibrator = platt(raw, y)
    if (y == NEUTRAL).sum() < FEWEST_NEUTRAL:
        return calibrator, (0.5, 0.5)
    return calibrator, _neutral_band(calibrated(raw, calibrator), y)


def _neutral_band(probability: Floats, y: Floats) -> tuple[float, float]:
    """The band around one half with the most labels right, each side searched on its own; of equally good edges the
    middle one."""
    steps = np.linspace(0.0, WIDEST_BAND, BAND_STEPS)
    edges = []
    for meant, side in ((NEGATIVE, probability < 0.5), (POSITIVE, probability >= 0.5)):
        away, truth = np.abs(probability[side] - 0.5), y[side]
        inside = away[None, :] <= steps[:, None]
        right = np.where(inside, truth == NEUTRAL, truth == meant).sum(axis=1)
        best = np.flatnonzero(right == right.max())
        edges.append(float(steps[best[len(best) // 2]]))
    return 0.5 - edges[0], 0.5 + edges[1]


def judged_figures(
    y: Floats, raw: Floats, calibrator: Logistic, band: tuple[float, float], lexicon: Floats
) -> dict[str, Any]:
    """The card's figures of praise against blame, beside guessing and the lexicon before it learned anything;
    `accuracy` and `macro_f1` are those of the labels, neutral included. `lexicon` (n, 3): sums by source."""
    from ml_services.calibration import log_loss
    from ml_services.evaluation import calibration_table, classification_figures

    polar = y != NEUTRAL
    if not 0 < y[polar].mean() < 1:
        return {"metrics": {}, "guessing": {}, "single_column_rule": {}, "calibration_table": []}
    truth, probability = y[polar], calibrated(raw, calibrator)
    share = np.full(len(truth), truth.mean())
    untrained = sigmoid(lexicon @ np.array(list(PRIOR_WEIGHTS.values())))
    return {
        "metrics": {**classification_figures(truth, probability[polar]), **label_figures(y, probability, band)},
        "guessing": {"roc_auc": 0.5, "log_loss": log_loss(truth, share), "accuracy": float(_commonest(y))},
        "single_column_rule": {
            "column": "the opinion lexicon, untrained",
            **classification_figures(truth, untrained[polar]),
            **label_figures(y, untrained, UNLEARNED_BAND if (~polar).any() else (0.5, 0.5)),
        },
        "calibration_table": calibration_table(truth, probability[polar]),
    }


def calibrated(raw: Floats, calibrator: Logistic) -> Floats:
    return np.array([calibrator.one(value) for value in raw])


def label_figures(y: Floats, probability: Floats, band: tuple[float, float]) -> dict[str, float]:
    label = np.where(probability > band[1], POSITIVE, np.where(probability < band[0], NEGATIVE, NEUTRAL))
    kinds = [kind for kind in (NEGATIVE, NEUTRAL, POSITIVE) if (y == kind).any() or (label == kind).any()]
    f1 = [2 * ((y == k) & (label == k)).sum() / ((y == k).sum() + (label == k).sum()) for k in kinds]
    return {"accuracy": float((label == y).mean()), "macro_f1": float(np.mean(f1))}


def _commonest(y: Floats) -> float:
    return max(float((y == kind).mean()) for kind in (NEGATIVE, NEUTRAL, POSITIVE))
