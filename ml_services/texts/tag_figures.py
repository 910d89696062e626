"""How good learned labels are: `Y` (n, labels) 0/1 against calibrated probabilities of the same shape."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ml_services.texts.logistic import sigmoid
from ml_services.texts.polarity import Logistic

Floats = npt.NDArray[np.float64]

SMALLEST_PROBABILITY = 1e-6
THRESHOLDS = np.linspace(0.15, 0.6, 19)
"""Searched for each label's best F1; never lower, so that a rare label is not given to every text."""


def calibrated(raw: Floats, calibrators: Sequence[Logistic]) -> Floats:
    slopes, shifts = (np.array([getattr(one, name) for one in calibrators]) for name in ("slope", "shift"))
    return sigmoid(raw * slopes + shifts)


def log_loss(Y: Floats, said: Floats) -> float:
    """Mean over texts and labels."""
    inside = np.clip(said, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    return float(-(Y * np.log(inside) + (1 - Y) * np.log(1 - inside)).mean())


def best_threshold(said: Floats, y: Floats) -> float:
    """The probability from which on giving the label has the best F1."""
    return float(max(THRESHOLDS, key=lambda edge: _f1(y, (said >= edge).astype(np.float64))))


def _f1(y: Floats, given: Floats) -> float:
    total = y.sum() + given.sum()
    return float(2 * (y * given).sum() / total) if total else 0.0


def figures(Y: Floats, said: Floats, thresholds: Floats, always_one: bool) -> dict[str, float]:
    """Means over the labels (one against the rest); micro F1 and the share of texts whose labels are exactly right."""
    from ml_services.evaluation import classification_figures

    given = (said >= thresholds).astype(np.float64)
    if always_one:
        bare = np.flatnonzero(given.sum(axis=1) == 0)
        given[bare, said[bare].argmax(axis=1)] = 1.0
    seen = [at for at in range(Y.shape[1]) if 0 < Y[:, at].sum() < len(Y)]
    each = [classification_figures(Y[:, at], said[:, at]) for at in seen]
    means = {name: float(np.mean([one[name] for one in each])) for name in (each[0] if each else ())}
    return {
        **means,
        "accuracy": float((given == Y).all(axis=1).mean()),
        "micro_f1": _f1(Y.ravel(), given.ravel()),
        "macro_f1": float(np.mean([_f1(Y[:, at], given[:, at]) for at in range(Y.shape[1])])),
    }


def guessing(Y: Floats) -> dict[str, float]:
    """Always saying each label's share."""
    return {"roc_auc": 0.5, "log_loss": log_loss(Y, np.broadcast_to(Y.mean(axis=0), Y.shape))}
