"""Temperature scaling of class margins, with shifts where they help.

Guo et al., "On calibration of modern neural networks", ICML 2017.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SLOPE_PRIOR = 1.0
"""Ridge on the slope around 1 and shifts around 0, in rows: decides only where rows are few."""
SMALLEST_SLOPE = 0.05


@dataclass(frozen=True)
class Softmax:
    """Probabilities = softmax(slope * raw + shift), one shift a class."""

    shift: tuple[float, ...]
    slope: float = 1.0
    name: str = "none"

    def one(self, raw: Floats) -> Floats:
        """The probabilities (K,) of one row's margins (K,)."""
        return np.asarray(self.many(raw[None, :])[0])

    def shrunk(self, trust: float, y: Floats) -> Softmax:
        """Margins drawn towards those of the classes' shares in `y`, to `trust` of their distance."""
        if trust == 1.0:
            return self
        shares = np.bincount(y.astype(np.int64), minlength=len(self.shift)) / len(y)
        shift = trust * np.asarray(self.shift) + (1.0 - trust) * np.log(np.maximum(shares, 1e-9))
        return Softmax(tuple(shift.tolist()), trust * self.slope, f"{self.name}, shrunk")

    def many(self, raw: Floats) -> Floats:
        """The probabilities (n, K) of margins (n, K)."""
        logits = self.slope * raw + np.asarray(self.shift)
        logits = np.exp(logits - logits.max(axis=1, keepdims=True))
        result: Floats = logits / logits.sum(axis=1, keepdims=True)
        return result


def log_losses(y: Floats, probability: Floats) -> Floats:
    """Each row's negative log likelihood; `probability` (n,) of class 1 or (n, K)."""
    if probability.ndim == 1:
        chosen = np.where(y == 1, probability, 1.0 - probability)
    else:
        chosen = probability[np.arange(len(y)), y.astype(np.int64)]
    return np.asarray(-np.log(np.clip(chosen, 1e-15, 1.0)))


def log_loss(y: Floats, probability: Floats) -> float:
    """The mean of `log_losses`."""
    return float(log_losses(y, probability).mean())


def temperature(y: Floats, raw: Floats) -> Softmax:
    """One slope for all margins."""
    return _fit_softmax(y, raw, with_shift=False)


def temperature_and_shifts(y: Floats, raw: Floats) -> Softmax:
    """One slope for all margins, and one shift a class."""
    return _fit_softmax(y, raw, with_shift=True)


def _fit_softmax(y: Floats, raw: Floats, *, with_shift: bool) -> Softmax:
    from scipy.optimize import minimize

    n, k = raw.shape
    truth = np.eye(k)[y.astype(np.int64)]
    start = np.concatenate([[1.0], np.zeros(k if with_shift else 0)])

    def loss(weights: Floats) -> tuple[float, Floats]:
        shift = weights[1:] if with_shift else np.zeros(k)
        probability = Softmax(tuple(shift), float(weights[0])).many(raw)
        away = weights - start
        wrong = probability - truth
        slope = np.concatenate([[(wrong * raw).sum()], wrong.sum(axis=0) if with_shift else []])
        value = log_loss(y, probability) + 0.5 * SLOPE_PRIOR * (away @ away) / n
        return value, (slope + SLOPE_PRIOR * away) / n

    lowest = np.concatenate([[SMALLEST_SLOPE], np.full(len(start) - 1, -np.inf)])
    bounds = [(low, None) for low in lowest]
    weights: Floats = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    shift = tuple(float(w) for w in weights[1:]) if with_shift else (0.0,) * k
    return Softmax(shift, float(weights[0]), "temperature and shifts" if with_shift else "temperature")
