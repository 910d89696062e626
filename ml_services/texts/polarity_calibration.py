"""From raw scores to a calibrated probability, the band that counts as neutral, and how good both are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ml_services.texts.labels import NEGATIVE, NEUTRAL, POSITIVE
from ml_services.texts.logistic import fit, sigmoid
from ml_services.texts.polarity import Logistic
from ml_services.texts.reporting import figures

Floats = npt.NDArray[np.float64]

CALIBRATION_PENALTY = 1.0
SMALLEST_SLOPE = 0.05
FEWEST_NEUTRAL = 10
"""With fewer neutral texts no band of neutral is learned."""
WIDEST_BAND = 1 / 6
"""A text with odds of two to one for a side is not neutral, however few neutral texts were mistaken."""
BAND_STEPS = 40


def calibrate(raw: Floats, y: Floats) -> tuple[Logistic, tuple[float, float]]:
    """Platt's two parameters on out-of-fold scores, drawn to (1, 0); and the band of neutral, if any were labelled."""
    X = np.column_stack([raw, np.ones(len(raw))])
    slope, shift = fit(X, y, np.array([1.0, 0.0]), np.full(2, CALIBRATION_PENALTY)).tolist()
    calibrator = Logistic(max(slope, SMALLEST_SLOPE), shift)
    if (y == NEUTRAL).sum() < FEWEST_NEUTRAL:
        return calibrator, (0.5, 0.5)
    probability = sigmoid(calibrator.slope * raw + calibrator.shift)
    return calibrator, _neutral_band(probability, y)


def _neutral_band(probability: Floats, y: Floats) -> tuple[float, float]:
    """The band around one half with the most labels right, each side searched on its own."""

    def hits(edge: float, side: Floats, meant: float) -> float:
        inside = np.abs(side - 0.5) <= edge
        return float((inside & (y[mask] == NEUTRAL)).sum() + (~inside & (y[mask] == meant)).sum())

    edges = []
    for below, meant in ((True, NEGATIVE), (False, POSITIVE)):
        mask = probability < 0.5 if below else probability >= 0.5
        steps = np.linspace(0.0, WIDEST_BAND, BAND_STEPS)
        edges.append(float(max(steps, key=lambda edge: hits(edge, probability[mask], meant))))
    return 0.5 - edges[0], 0.5 + edges[1]


def polarity_figures(y: Floats, raw: Floats, calibrator: Logistic, band: tuple[float, float]) -> dict[str, float]:
    """Of praise against blame; `accuracy` and `macro_f1` of the labels, neutral included where there are any."""
    probability = np.array([calibrator.one(value) for value in raw])
    label = np.where(probability > band[1], POSITIVE, np.where(probability < band[0], NEGATIVE, NEUTRAL))
    polar = y != NEUTRAL
    found = figures(y[polar], probability[polar])
    kinds = [kind for kind in (NEGATIVE, NEUTRAL, POSITIVE) if (y == kind).any() or (label == kind).any()]
    f1 = [2 * ((y == k) & (label == k)).sum() / ((y == k).sum() + (label == k).sum()) for k in kinds]
    return {**found, "accuracy": float((label == y).mean()), "macro_f1": float(np.mean(f1))}
