"""JSON Schemas of what is told of a prediction long after it: why it changed, cases like it, what if."""

from __future__ import annotations

from api_gateway.operations import Schema
from api_gateway.schemas import SHORT, TIME, or_null, record, text
from ml_services.lasting.questions import LABEL, MOST_CASES_SHOWN, USUAL_CASES

ID = text(format="uuid")
NUMBER: Schema = {"type": "number"}
NUMBER_OR_NULL = or_null("number")
REASON = or_null("string", description="Why there is nothing here, in words; else null.")
NAMES: Schema = {"type": "array", "items": {"type": "string"}}
EFFECT: dict[str, Schema] = {
    "effect": {"type": "number", "description": "In the output's own unit: probability, or amount."},
    "raw_effect": {"type": "number", "description": "In the model's raw score."},
}
LINE = record({"field": text("The field; of a text, the word."), "before": {}, "after": {}, **EFFECT})
LINES: Schema = {"type": "array", "items": LINE, "description": "The strongest first; they sum to the part's effect."}
SAID = record({"prediction_id": ID, "created_at": TIME, "version": text(), "output": {"type": "object"}})


def part_or_null(about: str, **more: Schema) -> Schema:
    """One part of a difference."""
    return {"anyOf": [record({**EFFECT, **more}, description=about), {"type": "null"}]}


ANSWERS = or_null("object", description="What each version says of the later data: {before, after}.")
ONE_CHANGE = record(
    {
        "predictor": text("Of a composite, the part."),
        "output": or_null("string", description="probability or value."),
        "reason": REASON,
        "class": or_null("string", description="Of several classes, the one answered later."),
        "before": NUMBER_OR_NULL,
        "after": NUMBER_OR_NULL,
        "difference": or_null("number", description="data + time + version."),
        "raw_difference": NUMBER_OR_NULL,
        "data": part_or_null("What was entered differently.", fields=LINES),
        "time": part_or_null("What moves by itself as time passes.", fields=LINES, note=text()),
        "version": part_or_null(
            "Another model, calibration included.",
            before=text(), after=text(), only_before=NAMES, only_after=NAMES, on_later_data=ANSWERS,
        ),
        "order": or_null("string", description="Which order of data and version the parts come from."),
        "sampled_orders": or_null("integer", description="Null where all combinations of fields were computed."),
    }
)  # fmt: skip
CHANGE = record(
    {
        "prediction_id": ID,
        "since": ID,
        "predictor": text(),
        "external_id": or_null("string"),
        "before": SAID,
        "after": SAID,
        "method": text(),
        "reason": REASON,
        "changes": {"type": "array", "items": ONE_CHANGE},
    }
)
COMPARED: Schema = {"type": "array", "items": record({"field": text(), "value": {}, "theirs": {}})}
CASE = record(
    {
        "prediction_id": ID,
        "external_id": or_null("string"),
        "created_at": TIME,
        "version": text("The version that answered then."),
        "output": {"type": "object", "description": "What was said then."},
        "outcome": {"description": "What happened."},
        "occurred_at": TIME,
        "distance": {"type": "number", "description": "Between the effects of the two; 0: the same grounds."},
        "alike": {**COMPARED, "description": "What weighs most here and is the same, or works the same, there."},
        "differ": {**COMPARED, "description": "What sets the two apart most."},
    }
)
CASES = record(
    {
        "prediction_id": ID,
        "predictor": text(),
        "version": text("By which the cases were compared."),
        "known_outcomes": {"type": "integer", "description": "Of the newest predictions with an outcome."},
        "looked_at": {"type": "integer", "description": "Of these, those that this version can read."},
        "cases": {"type": "array", "items": CASE},
        "reason": REASON,
    }
)
HOW_MANY: Schema = {"type": "integer", "minimum": 1, "maximum": MOST_CASES_SHOWN, "default": USUAL_CASES}
CHANGED: Schema = {"type": "array", "items": record({"field": text(), "before": {}, "after": {}})}
TRIED = record({"changes": CHANGED, "after": NUMBER, "difference": NUMBER})
TRIED_OR_NULL: Schema = {"anyOf": [TRIED, {"type": "null"}]}
WAY = record({"single": {"type": "array", "items": TRIED}, "pair": TRIED_OR_NULL})
WHAT_IF = record(
    {
        "prediction_id": ID,
        "predictor": text(),
        "version": text(),
        "label": {"const": LABEL},
        "note": text("The same in a sentence."),
        "changeable": {
            "type": "array",
            "items": record(
                {"field": text(), "low": NUMBER_OR_NULL, "high": NUMBER_OR_NULL, "levels": or_null("array")}
            ),
            "description": "What may be changed, and within what: the range seen in training. Of a date, days of age.",
        },
        "changes": {"anyOf": [CHANGED, {"type": "null"}]},
        "results": {
            "type": "array",
            "items": record(
                {
                    "predictor": text("Of a composite, the part."),
                    "output": text(),
                    "class": or_null("string"),
                    "before": NUMBER,
                    "after": NUMBER_OR_NULL,
                    "difference": NUMBER_OR_NULL,
                    "answer": or_null("object", description="The whole answer to the changes."),
                    "best": {"anyOf": [record({"up": WAY, "down": WAY}), {"type": "null"}]},
                }
            ),
        },
    }
)
WHAT_IF_BODY = record(
    {"changes": {"type": "object", "minProperties": 1, "propertyNames": SHORT, "additionalProperties": True}},
    optional=("changes",),
    additionalProperties=False,
)

__all__ = ["CASES", "CHANGE", "HOW_MANY", "WHAT_IF", "WHAT_IF_BODY"]
