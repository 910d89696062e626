"""Ways to learn one additive score a label from TF-IDF values: naive Bayes, or logistic regression."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ml_services.texts.logistic import fit
from ml_services.texts.sentiment import naive_bayes_ratio

Floats = npt.NDArray[np.float64]
Learn = Callable[[Any, Floats], tuple[Floats, float]]


def logistic(penalty: float) -> Learn:
    """Logistic regression on TF-IDF; the constant is free."""

    def learn(words: Any, y: Floats) -> tuple[Floats, float]:
        from scipy.sparse import csr_matrix, hstack

        X = hstack([words, csr_matrix(np.ones((len(y), 1)))]).tocsr()
        found = fit(X, y, np.zeros(X.shape[1]), np.append(np.full(words.shape[1], penalty), 1e-3))
        return found[:-1], float(found[-1])

    return learn


def naive_bayes(words: Any, y: Floats) -> tuple[Floats, float]:
    share = np.clip(y.mean(), 1e-6, 1 - 1e-6)
    return naive_bayes_ratio(words, y), float(np.log(share / (1 - share)))


CANDIDATES: dict[str, Learn] = {
    "TF-IDF + naive Bayes": naive_bayes,
    "TF-IDF + logistic regression": logistic(0.3),
    "TF-IDF + logistic regression, gentle": logistic(1.5),
}


def learned(words: Any, Y: Floats, learn: Learn) -> tuple[Floats, Floats]:
    """Weights (terms, labels) and intercepts (labels,)."""
    found = [learn(words, Y[:, at]) for at in range(Y.shape[1])]
    return np.column_stack([weights for weights, _ in found]), np.array([intercept for _, intercept in found])


__all__ = ["CANDIDATES", "Learn", "learned"]
