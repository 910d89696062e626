"""Calibration helps where scores are off and never turns a ranking."""

import pickle

import numpy as np
import pytest

from ml_services.calibration import Sigmoid, Softmax, calibrate, log_loss


def drawn(n=4000, stretch=1.0, shift=0.0, seed=0):
    rng = np.random.default_rng(seed)
    logit = rng.normal(-1, 1.5, n)
    y = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(float)
    return y, stretch * logit + shift


def test_honest_scores_are_left_alone():
    calibrator, _ = calibrate(*drawn(), seed=1)
    assert calibrator == Sigmoid()


@pytest.mark.parametrize(("stretch", "shift"), [(3.0, 0.0), (0.3, 0.0), (1.0, 2.0)])
def test_too_sure_too_shy_and_shifted_scores_are_put_right(stretch, shift):
    y, raw = drawn(stretch=stretch, shift=shift)
    calibrator, crossed = calibrate(y, raw, seed=1)
    fresh_y, fresh_raw = drawn(stretch=stretch, shift=shift, seed=5)
    assert log_loss(fresh_y, calibrator.many(fresh_raw)) < log_loss(fresh_y, Sigmoid().many(fresh_raw)) - 0.01
    assert (
        log_loss(fresh_y, calibrator.many(fresh_raw))
        < log_loss(*drawn(seed=5)[:1], 1 / (1 + np.exp(-drawn(seed=5)[1]))) + 0.003
    )
    assert len(crossed) == len(y)


@pytest.mark.parametrize("calibrator", [Sigmoid(), Sigmoid(0.5, 0.5, 1.0), Sigmoid(0.7, 1.8, -0.3)])
def test_one_and_many_agree_and_rise_strictly(calibrator):
    raw = np.linspace(-15, 15, 301)
    many = calibrator.many(raw)
    assert [calibrator.one(value) for value in raw.tolist()] == pytest.approx(many, abs=1e-12)
    assert (np.diff(many) > 0).all()
    assert calibrator.one(-1e6) >= 0
    assert calibrator.one(1e6) <= 1


def test_few_rows_never_turn_the_ranking_round():
    raw = np.array([2.0, 1.0, 0.5, -1.0, -2.0, 0.1, 0.2, -0.3, 1.5, -1.5])
    calibrator, _ = calibrate(1.0 - (raw > 0), raw, seed=1)
    assert (np.diff(calibrator.many(np.sort(raw))) > 0).all()


def test_margins_of_classes_are_cooled_where_too_sure():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1, (3000, 4))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y = np.array([rng.choice(4, p=row) for row in shares], dtype=float)
    calibrator, crossed = calibrate(y, 3 * logits, seed=1)
    assert calibrator.slope == pytest.approx(1 / 3, abs=0.05)
    assert log_loss(y, crossed) == pytest.approx(log_loss(y, shares), abs=0.01)
    assert calibrator.one(logits[0]) == pytest.approx(calibrator.many(logits[:1])[0])


def test_calibrators_survive_pickling():
    for calibrator in (Sigmoid(0.5, 0.7, 0.1, "beta"), Softmax((0.1, -0.1), 0.8)):
        assert pickle.loads(pickle.dumps(calibrator)) == calibrator  # noqa: S301
