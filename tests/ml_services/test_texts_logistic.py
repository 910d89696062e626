"""Logistic regression with priors."""

from __future__ import annotations

import numpy as np

from ml_services.texts.logistic import fit, sigmoid


def test_without_evidence_the_prior_stays() -> None:
    X = np.array([[0.0, 1.0], [0.0, 1.0]])
    assert np.allclose(fit(X, np.array([0.5, 0.5]), np.array([0.7, 0.0]), np.ones(2)), [0.7, 0.0], atol=1e-4)


def test_true_weights_are_found() -> None:
    rng = np.random.default_rng(1)
    X = np.column_stack([rng.normal(size=20000), np.ones(20000)])
    y = (rng.random(20000) < sigmoid(X @ np.array([1.5, -0.5]))).astype(float)
    assert np.allclose(fit(X, y, np.zeros(2), np.full(2, 1e-3)), [1.5, -0.5], atol=0.08)


def test_a_soft_target_counts_half_for_each_side() -> None:
    X = np.ones((10, 1))
    assert abs(fit(X, np.full(10, 0.5), np.array([2.0]), np.array([1e-6]))[0]) < 1e-3
