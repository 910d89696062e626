"""JSON Schemas of what the ledger, the outcomes and the logs answer and take."""

from __future__ import annotations

from api_gateway.lists import ANY_TEXT, UUID_TEXT
from api_gateway.operations import Schema
from api_gateway.schemas import TIME, listed, or_null, record, ref, text
from ml_services.date_spellings import ISO_PATTERN

MOST_OUTCOMES = 1000
ASKER = text("Who asked: `key:7`, `person:3`.")
REPORTED: Schema = record(
    {
        "outcome_id": text(format="uuid"),
        "outcome": {"description": "What happened, of the predictor's kind."},
        "occurred_at": TIME,
        "reported_at": TIME,
        "asker": ASKER,
        "current": {"type": "boolean", "description": "Of several reports the one that counts."},
    }
)
PREDICTION: Schema = record(
    {
        "prediction_id": text(format="uuid"),
        "predictor": text(),
        "version": text("The version that answered."),
        "shared": {"type": "boolean", "description": "The shared sample model, not the company's own."},
        "created_at": TIME,
        "external_id": or_null("string"),
        "asker": ASKER,
        "request_id": text(),
        "latency_ms": {"type": "number", "description": "From the record to its answer, without the keeping."},
        "output": {"type": "object", "description": "The answer's own fields."},
        "outcome": {"anyOf": [REPORTED, {"type": "null"}]},
    }
)
PREDICTION_WHOLE: Schema = record(
    {
        **PREDICTION["properties"],
        "parts": {"description": "Of a composite: the version of each part; else null."},
        "input": {"type": "object", "description": 'What was asked; a personal value reads {"redacted": digest}.'},
        "redacted": {"type": "array", "items": {"type": "string"}},
        "raw": {"description": "Null where it was asked for without reasons."},
        "base": {},
        "reasons": {},
        "outcomes": {"type": "array", "items": REPORTED, "description": "All reports, the current one first."},
    }
)
REPLAY: Schema = record(
    {
        "prediction_id": text(format="uuid"),
        "predictor": text(),
        "version": text(),
        "matches": or_null("boolean", description="Null: redacted inputs, not computed."),
        "stored": {"type": "object"},
        "recomputed": or_null("object"),
        "differences": {"type": "array", "items": {"type": "string"}, "description": "Paths such as interval.low."},
        "redacted": {"type": "array", "items": {"type": "string"}},
    }
)
OCCURRED: Schema = {
    "type": "string",
    "pattern": ISO_PATTERN,
    "description": "When it happened; without it: now. A bare date is the whole day.",
}
VALUE: Schema = {
    "type": ["boolean", "number", "string", "array", "object"],
    "description": "true or false; a number; a name; tags; points of a forecast; of a composite, an object by part.",
}


def outcome_body(predictors: list[str]) -> Schema:
    """What `POST /api/outcomes/` takes: one report, or many."""
    more: Schema = {"outcome": VALUE, "occurred_at": OCCURRED}
    one = {
        "anyOf": [
            record({"prediction_id": UUID_TEXT, **more}, optional=("occurred_at",), additionalProperties=False),
            record(
                {"external_id": ANY_TEXT, "predictor": {"enum": predictors}, **more},
                optional=("occurred_at",),
                additionalProperties=False,
            ),
        ]
    }
    anything = {"anyOf": [*one["anyOf"], {"type": "object", "description": "Anything else gets its own errors."}]}
    many = {"type": "array", "minItems": 1, "maxItems": MOST_OUTCOMES, "items": anything}
    return {"anyOf": [*one["anyOf"], record({"outcomes": many}, additionalProperties=False)]}


TAKEN: Schema = record(
    {
        "prediction_id": text(format="uuid"),
        "result": {
            "enum": ["recorded", "duplicate", "contradictory"],
            "description": "duplicate: said before, nothing new was stored. contradictory: another outcome was known; "
            "`current` is the one that counts now.",
        },
        "outcome": VALUE,
        "current": REPORTED,
    }
)
TAKEN_OR_MANY: Schema = {
    "anyOf": [
        TAKEN,
        listed({"anyOf": [TAKEN, record({"errors": {"type": "array", "items": ref("Error")}})]}),
    ]
}
OUTCOME_ROW: Schema = record(
    {
        **REPORTED["properties"],
        "prediction_id": text(format="uuid"),
        "predictor": text(),
        "version": text(),
        "external_id": or_null("string"),
    }
)
REQUEST_ROW: Schema = record(
    {
        "id": text(format="uuid"),
        "at": TIME,
        "method": text(),
        "path": text("Without its query string."),
        "status": {"type": "integer"},
        "latency_ms": {"type": "number"},
        "asker": ASKER,
        "predictor": or_null("string"),
        "bytes_in": {"type": "integer"},
        "bytes_out": {"type": "integer"},
        "request_id": text(),
    }
)
COUNT: Schema = {"type": "integer", "minimum": 0}
USAGE: Schema = record(
    {
        "from": TIME,
        "to": TIME,
        "results": {
            "type": "array",
            "items": record(
                {
                    "day": text("UTC.", format="date"),
                    "asker": ASKER,
                    "asker_label": or_null("string", description="The key's name or the person's e-mail."),
                    "predictor": or_null("string", description="Null: requests for something else."),
                    "predictions": COUNT,
                    "requests": COUNT,
                    "errors": {**COUNT, "description": "Of the requests, those answered 4xx or 5xx."},
                    "mean_ms": or_null("number", description="Of the requests."),
                    "p95_ms": or_null("number"),
                }
            ),
        },
    }
)

__all__ = [
    "MOST_OUTCOMES", "OUTCOME_ROW", "PREDICTION", "PREDICTION_WHOLE", "REPLAY", "REQUEST_ROW", "TAKEN_OR_MANY", "USAGE",
    "outcome_body",
]  # fmt: skip
