"""Models of every family behind a real encoder, for what is told of their answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from ml_services.base import Field, Model, Record
from ml_services.calibration import Sigmoid, Softmax
from ml_services.encoded_columns import Column, NumberColumn
from ml_services.encoding import Encoder
from ml_services.lasting.split import Side
from ml_services.level_columns import CategoryColumn
from ml_services.predictors.churn import ChurnAnswer
from ml_services.predictors.plan_tier import PlanAnswer
from ml_services.tabular import TabularModel
from tests.ml_services.scorer_kinds import KINDS, rows

NAMES = ("region", "plan", "tenure_months", "spend", "share", "mood")
PLANS = ("Business", "Elite", "MVP")
MARCH, APRIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


def levels(name: str, count: int) -> CategoryColumn:
    spelled = tuple(str(k) for k in range(count))
    field = Field(name, "category", choices=spelled, nullable=True)
    return CategoryColumn(field, spelled, {text: float(k) for k, text in enumerate(spelled)})


def columns() -> list[Column]:
    numbers = [NumberColumn(Field(name, "number", nullable=True)) for name in NAMES[2:]]
    return [levels("region", 8), levels("plan", 3), *numbers]


def model(kind: str, classes: int = 2, seed: int = 1, encoder: Encoder | None = None) -> TabularModel:
    """One of `scorer_kinds`, calibrated so that calibration counts."""
    scorer: Any = KINDS[kind](classes, seed)
    calibrator: Any = Sigmoid(1.3, 0.8, -0.2) if classes == 2 else Softmax((0.2, -0.1, 0.0))
    nothing = (None,) * len(PLANS)
    answer: Any = ChurnAnswer((0.3, 0.6)) if classes == 2 else PlanAnswer(PLANS, nothing, nothing, "USD")
    return TabularModel(encoder or Encoder(columns()), scorer, calibrator, answer)


def record(row: np.ndarray) -> dict[str, Any]:
    """A row of `scorer_kinds.rows` as a person would send it."""
    told = {name: None if np.isnan(value) else float(value) for name, value in zip(NAMES, row, strict=True)}
    return told | {name: None if told[name] is None else str(int(told[name])) for name in NAMES[:2]}


def records(count: int, seed: int = 7) -> list[dict[str, Any]]:
    return [record(row) for row in rows(seed, count)]


def side(of: Model, asked: Record, version: str = "v1", at: datetime = MARCH) -> Side:
    return Side(of, version, asked, at)
