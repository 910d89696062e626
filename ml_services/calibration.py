"""From a model's raw output to a probability that can be taken at its word.

Smooth and strictly increasing for yes/no (so that ranking is kept), fitted on raw scores of rows that the model did
not learn from. Platt scaling: Platt, "Probabilistic outputs for support vector machines", 1999. Beta calibration:
Kull, Silva Filho, Flach, AISTATS 2017. Several classes: see `class_calibration`.
A correction is kept only where it lowers the log loss on rows that it was not fitted on: it must never hurt.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ml_services.class_calibration import Floats, Softmax, log_loss, log_losses, temperature, temperature_and_shifts

CHECK_FOLDS = 5
LEAST_GAIN = 2e-4
"""A correction must lower the log loss by this much: below it, it is noise."""
SLOPE_PRIOR = 1.0
"""Ridge on slopes around 1 and shifts around 0, in rows: decides only where rows are few."""
SMALLEST_SLOPE = 0.05
NO_DOUBT_OF_NOTHING, BEYOND_DOUBT = 2.0, 20.0
"""Standard errors of gain over guessing: up to the first all is shrunk, from the second, where it would be by a
hundredth, nothing."""
LEAST_TRUST = 0.02
"""Not zero, so that the ranking stays strict."""
MOST_STEPS, SMALLEST_STEP, LEAST_NEWTON_GAIN = 30, 1e-3, 1e-4
"""Of Newton's method: steps, share of a step, and fall of the summed log loss."""


class Calibrator(Protocol):
    """Maps raw scores, (n,) log-odds or (n, K) log margins, to probabilities of the same shape (values: to amounts).
    Picklable."""

    @property
    def name(self) -> str: ...

    def one(self, raw: Any) -> Any:
        """A float for a float, (K,) for (K,)."""

    def many(self, raw: Floats) -> Floats: ...


@dataclass(frozen=True)
class Sigmoid:
    """Probability = sigmoid(slope_up * softplus(raw) - slope_down * softplus(-raw) + shift).

    One slope twice is Platt scaling (softplus(r) - softplus(-r) = r); two slopes are beta calibration.
    """

    slope_up: float = 1.0
    slope_down: float = 1.0
    shift: float = 0.0
    name: str = "none"

    def one(self, raw: float) -> float:
        """The probability of one raw log-odds."""
        logit = self.shift
        if self.slope_up == self.slope_down:
            logit += self.slope_up * raw
        else:
            tail = math.log1p(math.exp(-abs(raw)))
            up, down = (raw + tail, tail) if raw > 0 else (tail, tail - raw)
            logit += self.slope_up * up - self.slope_down * down
        return 1.0 / (1.0 + math.exp(-logit)) if logit > -700.0 else 0.0

    def shrunk(self, trust: float, y: Floats) -> Sigmoid:
        """Log-odds drawn towards those of the share of `y`, to `trust` of their distance."""
        if trust == 1.0:
            return self
        base = (1.0 - trust) * math.log(y.mean() / (1.0 - y.mean()))
        return Sigmoid(
            trust * self.slope_up, trust * self.slope_down, trust * self.shift + base, f"{self.name}, shrunk"
        )

    def many(self, raw: Floats) -> Floats:
        """The probabilities of many."""
        if self.slope_up == self.slope_down:
            logit = self.slope_up * raw + self.shift
        else:
            tail = np.log1p(np.exp(-np.abs(raw)))
            up, down = np.maximum(raw, 0.0) + tail, np.maximum(-raw, 0.0) + tail
            logit = self.slope_up * up - self.slope_down * down + self.shift
        with np.errstate(over="ignore"):
            return np.asarray(1.0 / (1.0 + np.exp(-logit)), dtype=np.float64)


def calibrate(y: Floats, raw: Floats, seed: int) -> tuple[Sigmoid | Softmax, Floats]:
    """The calibrator fitted on all rows, and each row's probability by a calibrator fitted on the other rows."""
    kinds: list[Callable[[Floats, Floats], Sigmoid | Softmax]]
    kinds = [_plain, _platt, _beta] if raw.ndim == 1 else [_plain, temperature, temperature_and_shifts]
    fold = np.random.default_rng(seed).permutation(len(y)) % CHECK_FOLDS
    best_kind, best, best_loss = kinds[0], _crossed(kinds[0], y, raw, fold), math.inf
    for kind in kinds:
        crossed = _crossed(kind, y, raw, fold)
        loss = log_loss(y, crossed)
        if loss < best_loss - LEAST_GAIN:
            best_kind, best, best_loss = kind, crossed, loss
    trust = trust_in(y, best)
    return best_kind(y, raw).shrunk(trust, y), best if trust == 1.0 else _towards_shares(best, trust, y)


def trust_in(y: Floats, said: Floats) -> float:
    """How far to believe in what little was gained over guessing: 1 - 4 / z², z the gain in standard errors.

    The positive-part James-Stein factor for one gain (James and Stein 1961), with a constant of two standard
    errors squared since the best of several models is looked at. 1 where the signal is beyond doubt."""
    shares = np.bincount(y.astype(np.int64), minlength=2) / len(y)
    gains = -np.log(shares[y.astype(np.int64)]) - log_losses(y, said)
    z = float(gains.mean() / max(gains.std() / math.sqrt(len(gains)), 1e-12))
    return 1.0 if z >= BEYOND_DOUBT else max(1.0 - (NO_DOUBT_OF_NOTHING / max(z, 1e-6)) ** 2, LEAST_TRUST)


def _towards_shares(said: Floats, trust: float, y: Floats) -> Floats:
    if said.ndim == 2:
        return Softmax((0.0,) * said.shape[1]).shrunk(trust, y).many(np.log(np.clip(said, 1e-15, 1.0)))
    inner = np.clip(said, 1e-15, 1 - 1e-15)
    return Sigmoid().shrunk(trust, y).many(np.log(inner / (1.0 - inner)))


def _crossed(
    kind: Callable[[Floats, Floats], Sigmoid | Softmax], y: Floats, raw: Floats, fold: npt.NDArray[np.int64]
) -> Floats:
    probability = np.empty_like(raw)
    for k in range(CHECK_FOLDS):
        probability[fold == k] = kind(y[fold != k], raw[fold != k]).many(raw[fold == k])
    return probability


def _plain(y: Floats, raw: Floats) -> Sigmoid | Softmax:
    return Sigmoid() if raw.ndim == 1 else Softmax((0.0,) * raw.shape[1])


def _fit_sigmoid(y: Floats, columns: Floats, start: Floats, lowest: Floats) -> Floats:
    """Logistic regression of y on `columns` (n, p) by Newton's method, with a ridge towards `start`."""

    def loss(weights: Floats) -> float:
        logit, away = columns @ weights, weights - start
        return float((np.logaddexp(0.0, logit) - y * logit).sum() + 0.5 * SLOPE_PRIOR * (away @ away))

    weights, value = start, loss(start)
    for _ in range(MOST_STEPS):
        said = 1.0 / (1.0 + np.exp(-np.clip(columns @ weights, -700, 700)))
        slope = columns.T @ (said - y) + SLOPE_PRIOR * (weights - start)
        bend = (columns * (said * (1.0 - said))[:, None]).T @ columns + SLOPE_PRIOR * np.eye(len(start))
        step, size = np.linalg.solve(bend, slope), 1.0
        while (moved := loss(np.maximum(weights - size * step, lowest))) > value and size > SMALLEST_STEP:
            size /= 2
        gain = value - moved
        if gain <= 0:
            break
        weights, value = np.maximum(weights - size * step, lowest), moved
        if gain < LEAST_NEWTON_GAIN:
            break
    return weights


def _platt(y: Floats, raw: Floats) -> Sigmoid:
    columns = np.column_stack([raw, np.ones_like(raw)])
    slope, shift = _fit_sigmoid(y, columns, np.array([1.0, 0.0]), np.array([SMALLEST_SLOPE, -np.inf]))
    return Sigmoid(float(slope), float(slope), float(shift), "Platt")


def _beta(y: Floats, raw: Floats) -> Sigmoid:
    tail = np.log1p(np.exp(-np.abs(raw)))
    columns = np.column_stack([np.maximum(raw, 0) + tail, -np.maximum(-raw, 0) - tail, np.ones_like(raw)])
    lowest = np.array([SMALLEST_SLOPE, SMALLEST_SLOPE, -np.inf])
    up, down, shift = _fit_sigmoid(y, columns, np.array([1.0, 1.0, 0.0]), lowest)
    return Sigmoid(float(up), float(down), float(shift), "beta")


__all__ = ["Calibrator", "Sigmoid", "Softmax", "calibrate", "log_loss", "log_losses"]
