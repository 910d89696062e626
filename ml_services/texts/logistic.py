"""Logistic regression that is pulled to given weights instead of to zero, and that takes soft targets.

Minimizes  -sum weighted [y log p + (1 - y) log(1 - p)] + sum_j penalty_j / 2 (w_j - prior_j)^2,  the posterior mode
under independent normal priors; y in [0, 1], so a neutral text counts half for each side.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MOST_STEPS = 200
SMALLEST_GAIN = 1e-7
"""Relative to the loss; a step that gains less ends the search."""


def sigmoid(raw: Floats) -> Floats:
    result: Floats = 0.5 * (1.0 + np.tanh(0.5 * raw))
    return result


def fit(X: Any, y: Floats, prior: Floats, penalty: Floats, weight: Floats | None = None) -> Floats:
    """`X` (n, k), dense or sparse, its last column the constant; `prior` and `penalty` (k,). Returns the weights."""
    from scipy.optimize import minimize

    rows = np.ones(len(y)) if weight is None else weight

    def loss(w: Floats) -> tuple[float, Floats]:
        raw = np.asarray(X @ w).ravel()
        away = w - prior
        value = float((rows * (np.logaddexp(0.0, raw) - y * raw)).sum() + 0.5 * (penalty * away * away).sum())
        slope = np.asarray(X.T @ (rows * (sigmoid(raw) - y))).ravel() + penalty * away
        return value, slope

    found = minimize(
        loss, prior.copy(), jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS, "ftol": SMALLEST_GAIN}
    )
    result: Floats = found.x
    return result
