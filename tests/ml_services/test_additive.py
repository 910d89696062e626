"""Curves and tables, added up."""

from __future__ import annotations

import numpy as np
import pytest

from ml_services.scorers import AdditiveScorer, Curve


def test_effects_of_a_line_are_coefficient_times_distance_from_the_mean() -> None:
    X = np.random.default_rng(1).uniform(-1, 1, size=(50, 1))
    scorer = AdditiveScorer([Curve(np.array([-1.0, 1.0]), np.array([[-3.0, 3.0]]), np.array([0.0]))], [0.5], X)
    base, effects = scorer.effects_one([0.4])
    assert effects[0] == pytest.approx(3.0 * (0.4 - X.mean()))
    assert base == pytest.approx(0.5 + 3.0 * X.mean())


def test_a_curve_is_flat_beyond_its_knots() -> None:
    scorer = AdditiveScorer([Curve(np.array([0.0, 1.0]), np.array([[2.0, 5.0]]), np.array([9.0]))], [0.0])
    assert [scorer.raw_one([x]) for x in (-1e9, 0.5, 1e9, float("inf"))] == [2.0, 3.5, 5.0, 9.0]
