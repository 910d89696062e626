"""The figures of the card against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn import metrics

from ml_services import evaluation

rng = np.random.default_rng(3)
Y = (rng.random(800) < 0.3).astype(float)
P = np.round(np.clip(0.3 + 0.3 * (Y - 0.3) + rng.normal(0, 0.15, 800), 0.01, 0.99), 2)
CODES = rng.integers(0, 3, 600).astype(float)
SHARES = rng.dirichlet([1, 1, 1], 600) * 0.6 + 0.4 * np.eye(3)[CODES.astype(int)]


def test_figures_agree_with_scikit_learn_where_it_has_them():
    figures = evaluation.classification_figures(Y, P)
    assert figures["roc_auc"] == pytest.approx(metrics.roc_auc_score(Y, P))
    assert figures["pr_auc"] == pytest.approx(metrics.average_precision_score(Y, P))
    assert figures["log_loss"] == pytest.approx(metrics.log_loss(Y, P))
    assert figures["brier"] == pytest.approx(metrics.brier_score_loss(Y, P))


def test_figures_of_classes_are_one_vs_rest_means():
    figures = evaluation.classification_figures(CODES, SHARES)
    assert figures["roc_auc"] == pytest.approx(metrics.roc_auc_score(CODES, SHARES, multi_class="ovr"))
    assert figures["macro_f1"] == pytest.approx(metrics.f1_score(CODES, SHARES.argmax(axis=1), average="macro"))
    assert figures["accuracy"] == pytest.approx(metrics.accuracy_score(CODES, SHARES.argmax(axis=1)))
    assert figures["roc_auc_low"] < figures["roc_auc"] < figures["roc_auc_high"]


def test_the_auc_interval_covers_as_often_as_it_says():
    covered, true_area = 0, 0.7602  # of two unit normals one apart: Phi(1 / sqrt 2)
    draws = np.random.default_rng(0)
    for _ in range(300):
        y = np.repeat([0.0, 1.0], [80, 40])
        low, high = evaluation.auc_interval([(y, draws.normal(y, 1))])
        covered += low <= true_area <= high
    assert 0.91 <= covered / 300 <= 0.99


def test_the_auc_interval_stays_within_bounds_when_all_is_in_order():
    low, high = evaluation.auc_interval([(np.array([0.0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9]))])
    assert 0 <= low <= high == 1.0


def test_calibration_error_is_the_gap_between_said_and_came():
    assert evaluation.calibration_error(np.full(10, 0.65), np.array([1.0] * 4 + [0.0] * 6)) == pytest.approx(0.25)


def test_a_probability_of_one_falls_in_the_last_bin():
    table = evaluation.calibration_table(np.array([1.0, 0.0]), np.array([1.0, 0.0]))
    assert [(row["from"], row["rows"]) for row in table] == [(0.0, 1), (0.9, 1)]


def test_lift_of_a_perfect_ranking_is_the_inverse_of_the_rate():
    y = np.array([1.0] * 10 + [0.0] * 90)
    assert evaluation.lift_at_top(y, y) == pytest.approx(10.0)


def test_lift_of_guessing_is_one_though_all_are_tied():
    assert evaluation.lift_at_top(Y, np.full(len(Y), 0.3)) == pytest.approx(1.0)


def test_amounts_are_judged_by_error_rank_top_and_interval():
    y = np.arange(100.0)
    figures = evaluation.value_figures(y, y * 2, y - 1, y + np.where(y < 80, 1, -0.5))
    assert figures["mae"] == pytest.approx(49.5)
    assert figures["spearman"] == pytest.approx(1.0)
    assert figures["top_decile_capture"] == pytest.approx(y[90:].sum() / y.sum())
    assert figures["interval_coverage"] == pytest.approx(0.8)
