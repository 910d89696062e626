"""Models small enough to be read, for what stands around a model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from ml_services.base import Field, FieldProblem, Model, Record, RecordInvalid, TableAnswer, Trained


class Doubler(Model):
    """Answers twice the number it is given."""

    fields = (Field("amount", "number", minimum=0),)

    def __init__(self, factor: float = 2.0) -> None:
        self.factor = factor

    def answer(self, record: Record, *, explain: bool) -> dict[str, Any]:
        amount = record.get("amount")
        if not isinstance(amount, int | float):
            raise RecordInvalid([FieldProblem("amount", "wrong_type", "amount must be a number")])
        return {"probability": self.factor * amount}

    def answer_table(self, table: pa.Table, *, explain: bool) -> TableAnswer:
        numbers = table["amount"].cast(pa.float64()).to_numpy()
        return TableAnswer(np.arange(len(numbers)), {"probability": pa.array(numbers * self.factor)}, [])


def trained(factor: float = 2.0) -> Trained:
    """A finished training of a Doubler."""
    return Trained(Doubler(factor), {"metrics": {"roc_auc": 0.8}}, "standard")
