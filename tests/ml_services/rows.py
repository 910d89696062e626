"""A small encoder and models for tests of what stands on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ml_services.additive import AdditiveScorer, Curve, Levels
from ml_services.base import Field, FieldProblem, RecordInvalid, Reject

LEVELS = ("Month-to-month", "One year", "Two year")
FIELDS = (
    Field("tenure", "number", unit="months", minimum=0, nullable=True),
    Field("contract", "category", choices=LEVELS, nullable=True),
    Field("joined", "date", nullable=True),
)


@dataclass(frozen=True)
class FakeFeature:
    name: str
    field: str


class FakeEncoder:
    """Three fields, four features; a negative tenure is a bad row."""

    fields = FIELDS
    extras = frozenset({"customer_id"})
    features = tuple(
        FakeFeature(*pair)
        for pair in (
            ("tenure", "tenure"),
            ("contract", "contract"),
            ("joined age", "joined"),
            ("joined month", "joined"),
        )
    )

    def encode_one(self, record: Mapping[str, Any]) -> list[float]:
        tenure, contract, joined = (record.get(field.name) for field in FIELDS)
        if tenure not in (None, "") and float(tenure) < 0:
            raise RecordInvalid([FieldProblem("tenure", "out_of_range", "tenure: at least 0.")])
        code = float(LEVELS.index(contract)) if contract in LEVELS else float("nan")
        day = float("nan") if joined in (None, "") else float(joined)
        return [float("nan") if tenure in (None, "") else float(tenure), code, day, day % 12]

    def encode_many(self, records: Sequence[Mapping[str, Any]]) -> tuple[Any, Any, list[tuple[int, RecordInvalid]]]:
        rows, positions, problems = [], [], []
        for position, record in enumerate(records):
            try:
                rows.append(self.encode_one(record))
                positions.append(position)
            except RecordInvalid as problem:
                problems.append((position, problem))
        return np.array(rows).reshape(-1, 4), np.array(positions, dtype=np.int64), problems

    def encode_table(self, table: pa.Table) -> tuple[Any, Any, list[Reject]]:
        X, positions, problems = self.encode_many(table.to_pylist())
        return X, positions, [Reject(position, "tenure", "", str(problem)) for position, problem in problems]


def scorer(outputs: int = 1) -> AdditiveScorer:
    """Made by hand: long tenure, long contracts and age each lower the first output."""
    up = np.arange(1, outputs + 1)[:, None]
    return AdditiveScorer(
        [
            Curve(np.array([0.0, 70.0]), np.array([1.5, -1.5]) * up, 0.1 * up[:, 0]),
            Levels(np.array([0.8, -0.2, -1.0]) / up, 0.0 * up[:, 0]),
            Curve(np.array([0.0, 9000.0]), np.array([0.5, -0.5]) * up, 0.0 * up[:, 0]),
            Curve(np.array([0.0, 6.0, 11.0]), np.array([0.0, 0.3, 0.0]) * up, 0.0 * up[:, 0]),
        ],
        np.linspace(-0.5, 0.5, outputs),
    )


class Logistic:
    """A calibrator that changes nothing but the scale."""

    def one(self, raw: float) -> float:
        return float(1 / (1 + np.exp(-raw)))

    def many(self, raw: Any) -> Any:
        return 1 / (1 + np.exp(-raw))


class Softmax:
    """The same for classes."""

    def many(self, raw: Any) -> Any:
        shares = np.exp(raw - raw.max(axis=-1, keepdims=True))
        return shares / shares.sum(axis=-1, keepdims=True)

    one = many


RECORDS: list[dict[str, Any]] = [
    {"tenure": 3, "contract": "Month-to-month", "joined": 120.0},
    {"tenure": None, "contract": "Two year", "joined": 8000.0},
    {"tenure": -1, "contract": "Two year", "joined": 8000.0},
    {"tenure": 50, "contract": "", "joined": None},
    {"tenure": 70, "contract": "One year", "joined": 4003.0},
]
TABLE = pa.table(
    {
        "tenure": ["3", "", "-1", "50", "70"],
        "contract": ["Month-to-month", "Two year", "Two year", None, "One year"],
        "joined": ["120", "8000", "8000", "", "4003"],
    }
)
BAD = 2
