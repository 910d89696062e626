"""Models that need no training, at work for everybody, and every test with a model of churn."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from ml_services import registry, serving
from ml_services.base import Field, Model, Output, Predictor, Record, TableAnswer
from ml_services.record_check import RecordCheck

FIELDS = (
    Field("tenure_months", "number", "Months as a customer", minimum=0, maximum=600, example=12),
    Field("contract", "category", "Kind of contract", choices=("monthly", "yearly"), closed=True, example="monthly"),
)
REASON = {"feature": "tenure_months", "value": 3, "effect": -3.0, "direction": "down", "text": "lowers it"}


def canned(output: Output) -> Any:
    """A value that fits an output."""
    if output.kind == "object":
        return {part.name: canned(part) for part in output.parts}
    if output.kind == "array":
        return [canned(Output("item", "object", parts=output.parts))] if output.parts else []
    plain: dict[str, Any] = {"number": 0.5, "integer": 1, "boolean": True, "string": "text"}
    return output.choices[0] if output.choices else plain[output.kind]


class Canned(Model):
    """Checks as every model does, and answers always the same."""

    def __init__(self, fields: tuple[Field, ...], outputs: tuple[Output, ...]) -> None:
        self.fields, self.outputs, self.check = fields, outputs, RecordCheck(fields)

    def answer(self, record: Record, *, explain: bool) -> dict[str, Any]:
        self.check(record)
        answer = {output.name: canned(output) for output in self.outputs}
        return answer | {"base": 0.0, "raw": -3.0, "reasons": [REASON]} if explain else answer

    def answer_table(self, table: pa.Table, *, explain: bool) -> TableAnswer:
        raise NotImplementedError


def let_serve(predictor: Predictor, fields: tuple[Field, ...]) -> None:
    """Puts a canned model to work for all companies."""
    info = {"name": predictor.name, "version": "v1", "trained_at": "2026-01-01T00:00:00Z", "evidence": "standard"}
    serving._state["known"] = True
    model = Canned(fields, predictor.outputs)
    serving._slots[(None, predictor.name)] = serving.Slot(predictor, model, info)


@pytest.fixture
def churn_serves(db: None) -> None:
    """Churn answers everybody, on two fields."""
    let_serve(registry.predictor("churn"), FIELDS)


def let_all_serve() -> None:
    """The same for every predictor that has no model without training."""
    known = registry.all_predictors()
    for predictor in known.values():
        composed = bool(predictor.parts) and known.keys() >= set(predictor.parts)
        if not composed and predictor.untrained() is None:
            let_serve(predictor, predictor.inputs)


@pytest.fixture
def all_serve(db: None) -> None:
    """Every predictor answers everybody."""
    let_all_serve()


def let_churn_ask_email() -> None:
    """Puts all to work, and has churn ask for an e-mail address too."""
    let_all_serve()
    let_serve(registry.predictor("churn"), (*FIELDS, Field("email", "text", required=False, personal=True)))


@pytest.fixture
def email_asked(db: None) -> None:
    """Every predictor answers everybody, and churn asks for an e-mail address too."""
    let_churn_ask_email()
