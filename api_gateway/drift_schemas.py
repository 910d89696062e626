"""JSON Schema of the verdict on drift."""

from __future__ import annotations

from api_gateway.operations import Schema
from api_gateway.schemas import TIME, or_null, record, text

COUNT: Schema = {"type": "integer", "minimum": 0}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
COLUMN: Schema = record(
    {
        "name": text(),
        "psi": {"type": "number", "description": "Population stability index: from 0.1 moderate, from 0.25 strong."},
        "size": {"enum": ["none", "moderate", "strong"]},
        "chance": {**SHARE, "description": "How likely by chance alone, all tests beside it counted (Holm)."},
        "moved": {"type": "boolean", "description": "Large enough, and too unlikely by chance."},
        "missing": record({"before": SHARE, "now": SHARE}),
        "bins": {"type": "array", "items": record({"name": text(), "before": SHARE, "now": SHARE})},
        "words": text("What changed most."),
    },
    optional=("bins", "words"),
)
TEST: Schema = record(
    {
        "name": {"enum": ["base_rate", "calibration"]},
        "rows": COUNT,
        "chance": SHARE,
        "moved": {"type": "boolean"},
        "words": text(),
        **{name: {"type": "number"} for name in ("before", "now", "said", "came")},
    },
    optional=("before", "now", "said", "came"),
)
PART: dict[str, Schema] = {
    "state": {"enum": ["moved", "none", "unknown"]},
    "why": text("Why nothing can be said, where nothing can."),
    "columns": {"type": "array", "items": COLUMN},
    "tests": {"type": "array", "items": TEST},
}
LEFT_OUT: Schema = {"type": "array", "items": record({"name": text(), "why": text()})}
OUTCOME: Schema = record(
    {
        **PART,
        "horizon_days": COUNT,
        "from": TIME,
        "until": TIME,
        "predictions": COUNT,
        "outcomes": COUNT,
        "silent_no": COUNT,
        "rate": SHARE,
        "learned_rate": SHARE,
    },
    optional=("horizon_days", "from", "until", "predictions", "outcomes", "silent_no", "rate", "learned_rate"),
)
WINDOW: Schema = record(
    {
        "from": TIME,
        "until": TIME,
        "days": COUNT,
        "rows": {**COUNT, "description": "What counts: by the version that serves, each external id once."},
        "read": COUNT,
        "repeated": {**COUNT, "description": "Left out: a later row has the same external id."},
        "other_versions": {**COUNT, "description": "Left out: another version answered."},
        "unreadable": COUNT,
        "erased": COUNT,
        "whole": {"type": "boolean", "description": "False: only the newest rows of the window were read."},
    },
    optional=("read", "repeated", "other_versions", "unreadable", "erased", "whole"),
)
VERDICT: Schema = record(
    {
        "predictor": text(),
        "version": or_null("string"),
        "shared": or_null("boolean"),
        "verdict": {
            "enum": ["none", "note", "drift", "unknown"],
            "description": "drift: scores or outcomes moved; note: inputs alone; unknown: nothing can be said.",
        },
        "reasons": {"type": "array", "items": text()},
        "input": record({**PART, "left_out": LEFT_OUT}, optional=("left_out",)),
        "output": record(PART),
        "outcome": OUTCOME,
        "window": WINDOW,
        "reference": record(
            {
                "kind": {"enum": ["training", "earlier"], "description": "earlier: the window before this one."},
                "rows": COUNT,
                "answers": COUNT,
            },
            optional=("kind", "rows", "answers"),
        ),
        "computed_at": TIME,
        "stored": {"type": "boolean", "description": "The verdict of the night, not one made now."},
    }
)
