"""The one number that a model's answer turns on: a probability or an amount, with the raw score beneath it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ml_services.base import Model
from ml_services.lasting.shares import Floats
from ml_services.tabular import TabularModel
from ml_services.texts.polarity import PolarityModel

NAMES = {"binary": "probability", "classes": "probability", "polarity": "probability", "value": "value"}
"""The output that is told about, by the predictor's task."""
NOT_TOLD = "This predictor's answer is no chance and no amount, so there is no difference to split."


def classes(model: TabularModel) -> tuple[str, ...]:
    """The classes of a model of several, in the order of its outputs; else none."""
    found: tuple[str, ...] = getattr(model.presentation, "classes", ()) if model.scorer.n_outputs > 1 else ()
    return found


def answered_class(model: Model, record_row: Any) -> str:
    """The class that a model of several answers to an encoded row; empty for other models."""
    if not isinstance(model, TabularModel) or not classes(model):
        return ""
    return classes(model)[int(np.argmax(model.calibrator.one(model.scorer.raw_one(record_row))))]


def scores(model: TabularModel, X: Floats, of_class: str = "") -> Floats:
    """(n, 2): raw score and calibrated output of each row, of one class where there are several. Raises ValueError
    where the model has no such class."""
    raw = model.scorer.raw(X)
    calibrated = model.calibrator.many(raw)
    if raw.ndim == 1:
        return np.column_stack([raw, calibrated])
    place = classes(model).index(of_class)
    return np.column_stack([raw[:, place], calibrated[:, place]])


def told_about(model: Model) -> bool:
    """Whether its answer turns on one number."""
    return isinstance(model, TabularModel | PolarityModel)


__all__ = ["NAMES", "NOT_TOLD", "answered_class", "classes", "scores", "told_about"]
