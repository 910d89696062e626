"""JSON Schemas of a predictor's settings, its bands, money, movers and shadow."""

from __future__ import annotations

from typing import Any

from api_gateway.operations import Schema
from api_gateway.schemas import SHORT, or_null, record, ref, text
from ml_services.decisions.setting_rules import (
    LONGEST_FIELD,
    LONGEST_VERSION,
    MONEY,
    MOST_ACTIONS,
    MOST_CHANGEABLE,
    MOST_DAYS,
)
from users.input_fields import CRON

SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
NUMBER_OR_NULL = or_null("number")
COUNT: Schema = {"type": "integer", "minimum": 0}
AMOUNT = or_null("string", pattern=MONEY, description="A decimal number, in the company's currency.")
CAPACITY = or_null("integer", minimum=0, maximum=MOST_ACTIONS, description="Actions that the team can take; null: any.")
DAYS = or_null("integer", minimum=1, maximum=MOST_DAYS)
ROWS_OR_NULL = or_null("integer", minimum=1, maximum=MOST_ACTIONS)

RETRAINING: dict[str, Schema] = {
    "enabled": {"type": "boolean"},
    "cron": text("Minute, hour, day, month, weekday; empty: at no set time.", pattern=f"^$|{CRON}"),
    "new_outcomes": {**ROWS_OR_NULL, "description": "After so many new outcomes."},
    "on_drift": {"type": "boolean"},
    "on_new_rows": {**ROWS_OR_NULL, "description": "After so many new rows."},
    "min_days": {"type": "integer", "minimum": 0, "maximum": MOST_DAYS, "description": "Between two trainings."},
}
CUTS: Schema = {
    "type": ["array", "null"],
    "items": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    "description": "The probabilities that part the bands, ascending. Null: those of the version.",
}
CHANGEABLE: dict[str, Schema] = {
    "horizon_days": {**DAYS, "description": "After so long an outcome can be known."},
    "changeable": {
        "type": "array",
        "items": text(minLength=1, maxLength=LONGEST_FIELD),
        "maxItems": MOST_CHANGEABLE,
        "description": "Fields of the serving version that the company can act on.",
    },
    "value_per_win": AMOUNT,
    "cost_per_action": AMOUNT,
    "capacity": CAPACITY,
    "shadow_version": text("One of the company's own versions that does not serve; empty: none.",
                           maxLength=LONGEST_VERSION),
    "shadow_share": {**SHARE, "description": "Of the requests."},
    "silence_means_no": {
        "type": "boolean",
        "description": "A prediction whose horizon has closed without an outcome counts as a no.",
    },
}  # fmt: skip
INTERVAL: dict[str, Schema] = {"low": NUMBER_OR_NULL, "high": NUMBER_OR_NULL}
BAND_FACTS = {
    "rows": COUNT, "share": NUMBER_OR_NULL, "wins": or_null("integer"), "expected": NUMBER_OR_NULL,
    "observed": NUMBER_OR_NULL, **INTERVAL,
}  # fmt: skip
FORESEEN: dict[str, Schema] = {
    "foreseen_low": NUMBER_OR_NULL, "foreseen_high": NUMBER_OR_NULL, "as_foreseen": or_null("boolean"),
}  # fmt: skip


def objects(**more: Any) -> Schema:
    """A list of objects."""
    return {"type": "array", "items": {"type": "object", **more}}


COMPONENTS: dict[str, Schema] = {
    "PredictorSettings": record(
        {
            "predictor": text(),
            "band_names": {"type": "array", "items": text(), "description": "The least likely first."},
            "cuts": CUTS,
            "bands": objects(description="Every change of the cuts, oldest first: {since, cuts}."),
            **CHANGEABLE,
            "retraining": record(RETRAINING),
            "currency": text(),
        }
    ),
    "PredictorSettingsChange": record(
        {"cuts": {**CUTS, "type": "array", "minItems": 1, "maxItems": 20}, **CHANGEABLE,
         "retraining": record(RETRAINING, optional=tuple(RETRAINING), additionalProperties=False)},
        optional=("cuts", *CHANGEABLE, "retraining"), additionalProperties=False, minProperties=1,
    ),
    "Bands": record(
        {
            "predictor": text(), "version": text(), "evidence": text(), "output": text("The answer's field."),
            "cuts": {"type": "array", "items": {"type": "number"}},
            "since": or_null("string", description="Null: as the version was trained."),
            "changes": objects(), "level": SHARE, "judged_on": or_null("string"), "meaning": text(),
            "bands": {"type": "array", "items": record({
                "band": text(), "from": SHARE, "to": SHARE,
                "judged": {"type": "object", "properties": BAND_FACTS},
                "outcomes": {"type": "object", "properties": {**BAND_FACTS, **FORESEEN}},
            })},
        }
    ),
    "CapacityQuestion": record(
        {
            "value_per_win": text("What a win is worth; without it, the predictor's setting.", pattern=MONEY),
            "cost_per_action": text("What an action costs; without it, the predictor's setting.", pattern=MONEY),
            "capacity": CAPACITY,
            "upload": or_null("string", format="uuid", description="Rows of this upload; without it, of the ledger."),
            "days": {"type": "integer", "minimum": 1, "maximum": MOST_DAYS, "description": "Of the ledger: 30."},
        },
        optional=("value_per_win", "cost_per_action", "capacity", "upload", "days"), additionalProperties=False,
    ),
    "CapacityPlan": record(
        {
            "predictor": text(), "source": text(), "currency": text(), "value_per_win": AMOUNT,
            "cost_per_action": AMOUNT, "capacity": CAPACITY, "records": COUNT, "acted_on": COUNT,
            "cut_off": {**NUMBER_OR_NULL, "description": "The least probability acted on."},
            "break_even": {**SHARE, "description": "Below it an action costs more than it brings."},
            "bound_by": {"enum": ["money", "capacity"]},
            "expected_wins": {"type": "number"}, "cost": {"type": "number"}, "money": {"type": "number"},
            "next": {"type": "object", "description": "The next hundred records: how many, their wins and money."},
            "interval": {"type": ["object", "null"], "description": "95 %, if they are like the rows judged."},
            "curve": {**objects(), "maxItems": 101},
        }
    ),
    "Movers": record(
        {
            "predictor": text(), "serving": text(), "candidate": text(),
            "records": COUNT, "unanswered": COUNT, "source": text(), "note": or_null("string"),
            "band_names": {"type": "array", "items": text()},
            "matrix": {"type": "array", "items": {"type": "array", "items": COUNT},
                       "description": "Rows: the serving version's band; columns: the candidate's."},
            "changed": COUNT, "mean_change": NUMBER_OR_NULL, "top": {"type": ["object", "null"]},
            "movers": objects(),
        }
    ),
    "ShadowReport": record(
        {
            "predictor": text(), "serving": text(), "shadow": or_null("string"), "share": SHARE, "rows": COUNT,
            "verdict": {"enum": ["unknown", "compared"]}, "agreement": NUMBER_OR_NULL,
            "mean_difference": NUMBER_OR_NULL, "mean_absolute_difference": NUMBER_OR_NULL,
            "band_names": {"type": "array", "items": text()},
            "matrix": {"type": "array", "items": {"type": "array", "items": COUNT}},
            "latency_ms": NUMBER_OR_NULL, "outcomes": {"type": ["object", "null"]},
        }
    ),
}  # fmt: skip
VERSION = text("A version.", **SHORT)

__all__ = ["COMPONENTS", "ref"]
