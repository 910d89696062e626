"""Rows of this room as plain data, for the API, the pages and a person's export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from request_logs.models import Outcome, Prediction, Request


def outcome_line(row: Outcome) -> dict[str, Any]:
    """A report on a prediction."""
    return {
        "outcome_id": row.pk,
        "outcome": row.value,
        "occurred_at": row.occurred_at,
        "reported_at": row.created_at,
        "asker": f"{row.asker_kind}:{row.asker_id}",
        "current": row.current,
    }


def outcome_row(row: Outcome) -> dict[str, Any]:
    """The same in a list of reports, with what it is about."""
    about = row.prediction
    return outcome_line(row) | {
        "prediction_id": about.pk,
        "predictor": about.predictor,
        "version": about.version,
        "external_id": about.external_id or None,
    }


def prediction_line(row: Prediction, outcome: Outcome | None) -> dict[str, Any]:
    """A prediction in a list."""
    return {
        "prediction_id": row.pk,
        "predictor": row.predictor,
        "version": row.version,
        "shared": row.parts is None and row.version_company is None,
        "created_at": row.created_at,
        "external_id": row.external_id or None,
        "asker": f"{row.asker_kind}:{row.asker_id}",
        "request_id": row.request_id,
        "latency_ms": row.latency_ms,
        "output": row.output,
        "outcome": outcome_line(outcome) if outcome else None,
    }


def prediction_whole(row: Prediction, history: Sequence[Outcome]) -> dict[str, Any]:
    """A prediction with its input, reasons and all reports."""
    current = next((one for one in history if one.current), None)
    return prediction_line(row, current) | {
        "parts": row.parts,
        "input": row.input,
        "redacted": row.redacted,
        "raw": row.raw,
        "base": row.base,
        "reasons": row.reasons,
        "outcomes": [outcome_line(one) for one in history],
    }


def request_row(row: Request) -> dict[str, Any]:
    """A request in the log."""
    return {
        "id": row.pk,
        "at": row.created_at,
        "method": row.method,
        "path": row.path,
        "status": row.status,
        "latency_ms": row.latency_ms,
        "asker": f"{row.asker_kind}:{row.asker_id}",
        "predictor": row.predictor or None,
        "bytes_in": row.bytes_in,
        "bytes_out": row.bytes_out,
        "request_id": row.request_id,
    }


__all__ = ["outcome_line", "outcome_row", "prediction_line", "prediction_whole", "request_row"]
