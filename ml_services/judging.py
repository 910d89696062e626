"""One number for each trial: the loss of its calibrated scores on rows that neither it nor its calibrator learned."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_services.calibration import Sigmoid, Softmax, calibrate, log_losses
from ml_services.families import Floats, Problem, Trial
from ml_services.value_calibration import ValueScale, amount_losses, calibrate_values

Calibrated = Sigmoid | Softmax | ValueScale


@dataclass
class Judgement:
    """`rows` of the problem that were judged, their truth `y`, `raw` scores and out-of-fold calibrated outputs
    `said`; the calibrator of them all; each row's loss of `said`."""

    rows: npt.NDArray[np.int64]
    y: Floats
    raw: Floats
    said: Floats
    calibrator: Calibrated
    losses: Floats

    @property
    def loss(self) -> float:
        """Mean log loss; of amounts see `amount_losses`."""
        return float(self.losses.mean())


def judge(problem: Problem, raw: Floats, seed: int) -> Judgement:
    """`raw` (n,) or (n, K), NaN where cross-validation has no opinion."""
    rows = np.flatnonzero(np.isfinite(raw.reshape(len(raw), -1)).all(axis=1))
    y, raw = problem.y[rows], raw[rows]
    if problem.task == "value":
        scale, value = calibrate_values(y, raw, seed)
        return Judgement(rows, y, raw, value, scale, amount_losses(y, value))
    calibrator, said = calibrate(y, raw, seed)
    return Judgement(rows, y, raw, said, calibrator, log_losses(y, said))


def paired_gain(old: Judgement, new: Judgement) -> tuple[float, float]:
    """How much lower the loss of `new` is on the rows both judged, and the standard error of that difference."""
    if len(old.rows) == len(new.rows):
        gains = old.losses - new.losses
    else:
        _, first, second = np.intersect1d(old.rows, new.rows, assume_unique=True, return_indices=True)
        gains = old.losses[first] - new.losses[second]
    return float(gains.mean()), float(gains.std() / math.sqrt(len(gains)))


def judge_trial(problem: Problem, trial: Trial, seed: int) -> None:
    """Fills in the trial's judgement and loss."""
    trial.judgement = judge(problem, trial.raw, seed)
    trial.loss = trial.judgement.loss
