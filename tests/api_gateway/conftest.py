"""A model of churn that needs no training, at work for everybody."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from ml_services import registry, serving
from ml_services.base import Field, FieldProblem, Model, Record, RecordInvalid, TableAnswer

FIELDS = (
    Field("tenure_months", "number", "Months as a customer", minimum=0, maximum=600, example=12),
    Field("contract", "category", "Kind of contract", choices=("monthly", "yearly"), closed=True, example="monthly"),
)


class Simple(Model):
    """Churn from tenure alone."""

    fields = FIELDS

    def answer(self, record: Record, *, explain: bool) -> dict[str, Any]:
        problems = [FieldProblem(name, "unknown", f"{name} is unknown") for name in record if name not in NAMES]
        problems += [FieldProblem(name, "required", f"{name} is required") for name in NAMES if name not in record]
        months, contract = record.get("tenure_months", 0), record.get("contract", "yearly")
        if isinstance(months, bool) or not isinstance(months, int | float):
            problems.append(FieldProblem("tenure_months", "wrong_type", "tenure_months must be a number"))
        elif not 0 <= months <= 600:
            problems.append(FieldProblem("tenure_months", "out_of_range", "tenure_months must lie in 0 to 600"))
        if contract not in {"monthly", "yearly"}:
            problems.append(FieldProblem("contract", "not_a_choice", "contract must be monthly or yearly"))
        if problems:
            raise RecordInvalid(problems)
        answer: dict[str, Any] = {"probability": 1 / (1 + float(months)), "risk": "low"}
        if explain:
            effect = -float(months)
            text = f"tenure_months is {months}: lowers it"
            reason = {"feature": "tenure_months", "value": months, "effect": effect, "direction": "down", "text": text}
            answer |= {"base": 0.0, "raw": effect, "reasons": [reason]}
        return answer

    def answer_table(self, table: pa.Table, *, explain: bool) -> TableAnswer:
        raise NotImplementedError


NAMES = frozenset(field.name for field in FIELDS)


@pytest.fixture
def churn_serves(db: None) -> None:
    """Churn answers everybody, without a trained artifact."""
    info = {"name": "churn", "version": "v1", "trained_at": "2026-01-01T00:00:00Z", "evidence": "standard"}
    serving._state["known"] = True
    serving._slots[(None, "churn")] = serving.Slot(registry.predictor("churn"), Simple(), info)
