"""JSON Schemas (2020-12, as OpenAPI 3.1 takes them) of what does not come from a predictor's declaration."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
EVIDENCE = ["untrained", "provisional", "standard", "full"]
SLUG = "^[-a-zA-Z0-9_]+$"


def ref(name: str) -> Schema:
    """A pointer to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def text(description: str = "", **more: Any) -> Schema:
    """A text."""
    return {"type": "string", **({"description": description} if description else {}), **more}


def record(properties: dict[str, Schema], *, optional: tuple[str, ...] = (), **more: Any) -> Schema:
    """An object whose keys are all there, but for the `optional` ones."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, **more}


def listed(items: Schema) -> Schema:
    """`{"results": [...]}`."""
    return record({"results": {"type": "array", "items": items}})


def or_null(kind: str, **more: Any) -> Schema:
    """A value that may be null."""
    return {"type": [kind, "null"], **more}


SHORT: Schema = {"maxLength": 2000, "pattern": r"^[^\x00]*$"}
TIME = text(format="date-time")
TIME_OR_NULL = or_null("string", format="date-time")

COMPARISON = record(
    {
        "verdict": {"enum": ["first", "better", "equal", "worse", "not_comparable"]},
        "promotes": {"type": "boolean", "description": "What the evidence alone decides."},
        "reason": text("In a sentence."),
        "metric": or_null("string", description="The headline metric; larger is better."),
        "champion": or_null("number", description="Of the version that served."),
        "challenger": or_null("number", description="Of this version, on the same rows."),
        "difference": or_null("number", description="Challenger minus champion."),
        "low": or_null("number", description="Of the 95 % interval of the difference."),
        "high": or_null("number"),
        "rows": {"type": "integer"},
        "on": {"enum": ["locked hold-out", "cross-validation", "outcomes", None]},
        "calibration": or_null("object", description="{champion, challenger, holds, expected}"),
        "against": or_null("string", description="The version that served."),
        "way": or_null("string", description="Why both can be judged on these rows."),
        "notes": {"type": "array", "items": text(), "description": "What is different about the data."},
    }
)
COMPONENTS: dict[str, Schema] = {
    "Error": record(
        {
            "code": text("For programs: stable.", examples=["required"]),
            "detail": text("For people: what is wrong and what to do."),
            "attr": or_null("string", description="The field, parameter or header that is wrong, where it is one."),
        },
        additionalProperties=False,
    ),
    "Errors": record(
        {
            "type": {"enum": ["client_error", "validation_error", "server_error"]},
            "errors": {"type": "array", "minItems": 1, "items": ref("Error")},
        },
        additionalProperties=False,
    ),
    "ModelInfo": record(
        {
            "name": text("The predictor."),
            "version": text("The version that answered."),
            "trained_at": TIME_OR_NULL,
            "evidence": {"enum": EVIDENCE, "description": "How much the version's figures rest on."},
            "parts": {"type": "array", "items": ref("ModelInfo"), "description": "Of a composite: its parts."},
        },
        optional=("parts",),
    ),
    "Reason": record(
        {
            "feature": text("The input."),
            "value": {"description": "Its value in this record."},
            "effect": {"type": "number", "description": "What it adds to `raw`; base plus all effects is `raw`."},
            "direction": {"enum": ["up", "down"]},
            "text": text("The same in words."),
        }
    ),
    "Headline": {
        "type": ["object", "null"],
        "description": "The metric on rows that no choice saw, with its 95 % interval where it has one.",
        "properties": {
            "metric": text(),
            "value": {"type": "number"},
            "low": or_null("number"),
            "high": or_null("number"),
            "rows": or_null("integer"),
        },
    },
    "PredictorStatus": record(
        {
            "predictor": text(),
            "title": text(),
            "question": text(),
            "path": text("Where to ask it."),
            "serving": {"anyOf": [ref("ModelInfo"), {"type": "null"}]},
            "evidence": {"enum": [*EVIDENCE, None]},
            "headline": ref("Headline"),
            "problem": or_null("string", description="Why nothing serves."),
        }
    ),
    "Version": record(
        {
            "predictor": text(),
            "version": text(),
            "evidence": {"enum": EVIDENCE},
            "serving": {"type": "boolean"},
            "shared": {"type": "boolean", "description": "The shared sample model, not the company's own."},
            "created_at": TIME,
            "promoted_at": TIME_OR_NULL,
            "headline": ref("Headline"),
            "comparison": {"anyOf": [ref("Comparison"), {"type": "null"}]},
        }
    ),
    "Comparison": COMPARISON,
    "VersionWithCard": {
        "allOf": [ref("Version"), record({"card": {"type": "object", "description": "The model card."}})]
    },
    "TrainingRun": record(
        {
            "id": {"type": "integer"},
            "predictor": text(),
            "status": {"enum": ["queued", "running", "done", "failed", "cancelled"]},
            "stage": text(),
            "progress": {"type": "number", "minimum": 0, "maximum": 1},
            "version": or_null("string"),
            "candidates": {"type": "array", "items": {"type": "object"}},
            "columns": {"type": "array", "items": {"type": "object"}},
            "error": or_null("string"),
            "report": {
                "type": ["object", "null"],
                "description": "Of a round by itself: `trigger`, `source`, `as_of`, `inputs`, `stages`, `verdict`.",
            },
            "created_at": TIME,
            "ended_at": TIME_OR_NULL,
        }
    ),
    "TokenPair": record({"access": text("Lives 15 minutes."), "refresh": text("Lives 7 days, works once.")}),
    "TrainingForm": record(
        {
            "file": text("csv, tsv, csv.gz, xlsx or parquet", contentMediaType="application/octet-stream", minLength=1),
            "target": text("The column to learn.", **SHORT),
            "positive": text("The target's value that means yes.", **SHORT),
            "id_column": text(**SHORT),
            "time_column": text(**SHORT),
            "exclude": text("Columns to leave out, separated by commas.", **SHORT),
            "allow_leaky": text("Columns to keep though they give the target away.", **SHORT),
            "budget_s": {"type": "number", "minimum": 1, "maximum": 3600, "default": 60},
            "seed": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "default": 42},
            "promote": {"type": "boolean", "description": "Whether it serves; without it its comparison decides."},
        },
        optional=(
            "target", "positive", "id_column", "time_column", "exclude", "allow_leaky", "budget_s", "seed", "promote",
        ),
        additionalProperties=False,
    ),
}  # fmt: skip

__all__ = ["COMPONENTS", "SLUG", "TIME", "listed", "or_null", "record", "ref", "text"]
