"""JSON Schemas of the scoreboard."""

from __future__ import annotations

from api_gateway.operations import Schema
from api_gateway.schemas import TIME, or_null, record, ref, text

MOMENT_ASKED: Schema = {"type": "string", "format": "date-time"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FIGURE: Schema = record(
    {
        "value": or_null("number", description="Null: not known yet; `needed` says what is missing."),
        "low": or_null("number", description="95 % interval."),
        "high": or_null("number"),
        "rows": COUNT,
        "needed": or_null("string"),
    }
)
FIGURES: Schema = {"type": "object", "additionalProperties": ref("Figure")}
GROUP: dict[str, Schema] = {
    "rows": COUNT,
    "unreported": COUNT,
    "predicted": or_null("number", description="Mean chance that was said."),
    "expected": {"type": "number", "description": "How many were expected of `rows`."},
    "came": {"type": "number", "description": "How many came."},
    "observed": ref("Figure"),
    "ratio": ref("Figure"),
    "low": or_null("number", description="Observed rates from `low` to `high` are no news, however often one looks."),
    "high": or_null("number"),
    "side": {
        "enum": ["above", "below", "unclear", None],
        "description": "Where the observed rate left them; unclear: outcomes that are missing could explain it.",
    },
}
VERDICT: dict[str, Schema] = {
    "status": {"enum": ["ok", "alert", "unknown"]},
    "reasons": {"type": "array", "items": {"type": "string"}},
    "evidence": {"type": "object"},
}
TALLY: Schema = record(
    {
        "answered": COUNT,
        "open": {**COUNT, "description": "Their horizon has not closed."},
        "closed": COUNT,
        "repeated": {**COUNT, "description": "Closed, but made again within the horizon of one that counts."},
        "counted": COUNT,
        "reported": COUNT,
        "unreported": COUNT,
        "counted_as_no": {**COUNT, "description": "Unreported, where the company says that silence means no."},
    }
)
MONTH: Schema = record(
    {
        "month": text(examples=["2026-03"]),
        "rows": COUNT,
        "unreported": COUNT,
        "predicted": or_null("number"),
        "observed": ref("Figure"),
        "metrics": FIGURES,
    }
)
PROMISE: Schema = record(
    {
        "metric": text(),
        "promised": {"type": "number"},
        "promised_low": or_null("number"),
        "promised_high": or_null("number"),
        "now": ref("Figure"),
    }
)
VERSION_BOARD: Schema = record(
    {
        "version": text(),
        "shared": {"type": "boolean"},
        "serving": {"type": "boolean"},
        "first_answer": TIME,
        "last_answer": TIME,
        "horizon": record({"days": COUNT, "source": {"enum": ["answer", "setting", "card", "default"]}}),
        "predictions": TALLY,
        "coverage": ref("Figure"),
        "total": {"anyOf": [record(GROUP), {"type": "null"}]},
        "bands": {"type": "array", "items": record({"band": text(), **GROUP})},
        "metrics": FIGURES,
        "over_time": {"type": "array", "items": MONTH},
        "promised": {"type": "array", "items": PROMISE},
        "verdict": record(VERDICT),
    }
)
SCOREBOARD: Schema = record(
    {
        "predictor": text(),
        "task": text(),
        "counts": text("What `observed` counts."),
        "until": TIME,
        "silence_means_no": {"type": "boolean"},
        "counting": text(),
        "limited": {"type": "boolean", "description": "More predictions than can be looked at: the newest were."},
        "parts": {"type": "array", "items": {"type": "string"}},
        "versions": {"type": "array", "items": ref("VersionBoard")},
        "verdict": record({**VERDICT, "version": or_null("string", description="The version that it is about.")}),
    }
)
COMPONENTS: dict[str, Schema] = {"Figure": FIGURE, "VersionBoard": VERSION_BOARD}

__all__ = ["COMPONENTS", "MOMENT_ASKED", "SCOREBOARD"]
