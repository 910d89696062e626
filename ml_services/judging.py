"""One number for each trial: the loss of its calibrated scores on rows that neither it nor its calibrator learned."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ml_services.calibration import Sigmoid, Softmax, calibrate, log_loss
from ml_services.families import Floats, Problem, Trial
from ml_services.value_calibration import ValueScale, calibrate_values, tweedie_deviance

Calibrated = Sigmoid | Softmax | ValueScale


def judged_rows(trial: Trial) -> npt.NDArray[np.bool_]:
    """The rows that cross-validation has an opinion on."""
    return np.asarray(np.isfinite(trial.raw.reshape(len(trial.raw), -1)).all(axis=1), dtype=np.bool_)


def calibrate_trial(problem: Problem, raw: Floats, seed: int) -> tuple[Calibrated, Floats, float]:
    """The calibrator for rows' raw scores, their out-of-fold calibrated outputs, and the loss of those."""
    if problem.task == "value":
        scale, value = calibrate_values(problem.y, raw, seed)
        return scale, value, tweedie_deviance(problem.y, value)
    calibrator, probability = calibrate(problem.y, raw, seed)
    return calibrator, probability, log_loss(problem.y, probability)


def judge_trial(problem: Problem, trial: Trial, seed: int) -> None:
    """Fills in the trial's loss."""
    rows = np.flatnonzero(judged_rows(trial))
    trial.loss = calibrate_trial(problem.part(rows), trial.raw[rows], seed)[2]
