"""The JSON body of POST /api/models/{predictor}/train/ that asks to learn from the company's records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rest_framework.request import Request

from api_gateway.operations import JSON, Schema
from api_gateway.schemas import record
from api_gateway.training_form import NUMBERS
from ml_services import registry
from ml_services.datasets import LONGEST_HORIZON_DAYS, SOURCE
from platform_core.errors import InputInvalid

LISTS = ("exclude", "allow_leaky")
MOST_COLUMNS, LONGEST_NAME = 500, 200
COLUMNS: Schema = {
    "type": "array", "maxItems": MOST_COLUMNS,
    "items": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME, "pattern": r"^[^\x00]*$"},
}  # fmt: skip
RECORDS_TRAINING: Schema = record(
    {
        "source": {"const": SOURCE},
        "horizon_days": {
            "type": "integer", "minimum": 1, "maximum": LONGEST_HORIZON_DAYS,
            "description": "How far it looks ahead; without it, as set for the predictor, else its usual.",
        },
        "exclude": COLUMNS,
        "allow_leaky": COLUMNS,
        "budget_s": {"type": "number", "minimum": 1, "maximum": 3600, "default": 60},
        "seed": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "default": 42},
    },
    optional=("horizon_days", "exclude", "allow_leaky", "budget_s", "seed"),
    additionalProperties=False,
)  # fmt: skip


def is_json(request: Request) -> bool:
    """Whether the body is JSON, and no form."""
    return str(request.content_type or "").partition(";")[0].strip().lower() == JSON


def records_training(body: Any, predictor: str) -> dict[str, Any]:
    """What to train on and how, for `file_uploads.training.start_from_records`. Raises InputInvalid naming the
    field."""
    registry.predictor(predictor)
    if not isinstance(body, dict) or body.get("source") != SOURCE:
        raise InputInvalid(f'Send a file as a form, or {{"source": "{SOURCE}"}} as JSON.', attr="source")
    known = RECORDS_TRAINING["properties"]
    for name in body:
        if name not in known:
            raise InputInvalid(f"There is no field {name[:60]!r}; fields are {', '.join(known)}.", attr=name[:60])
    horizon = body.get("horizon_days")
    if isinstance(horizon, float) and horizon.is_integer():
        horizon = int(horizon)  # as JSON Schema has it: 90.0 is whole
    if horizon is not None and (not isinstance(horizon, int) or isinstance(horizon, bool)):
        raise InputInvalid("horizon_days must be a whole number.", attr="horizon_days")
    lists = {name: _columns(body.get(name, []), name) for name in LISTS}
    numbers = {name: _number(body.get(name, default), name) for name, (_, _, default, _) in NUMBERS.items()}
    options = {**lists, **numbers}
    return {"predictor": predictor, "options": options, "horizon_days": horizon, "as_of": datetime.now(UTC)}


def _columns(value: Any, name: str) -> tuple[str, ...]:
    fits = isinstance(value, list) and len(value) <= MOST_COLUMNS
    if not fits or not all(isinstance(one, str) and 0 < len(one) <= LONGEST_NAME and "\0" not in one for one in value):
        raise InputInvalid(f"{name} must be a list of at most {MOST_COLUMNS} names of columns.", attr=name)
    return tuple(value)


def _number(value: Any, name: str) -> float:
    low, high, _, _ = NUMBERS[name]
    whole = name == "seed"
    if isinstance(value, bool) or not isinstance(value, int | float) or (whole and value != int(value)):
        raise InputInvalid(f"{name} must be a {'whole ' if whole else ''}number.", attr=name)
    if not low <= value <= high:
        raise InputInvalid(f"{name} must lie between {low:g} and {high:g}.", attr=name)
    return float(value)


__all__ = ["RECORDS_TRAINING", "is_json", "records_training"]
