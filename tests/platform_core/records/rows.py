"""Rows as a source would give them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

DAY = timedelta(days=1)
START = datetime(2025, 1, 1, tzinfo=UTC)


def on(day: float) -> datetime:
    """So many days after the start."""
    return START + day * DAY


def customer(number: int, *, started: float = 0.0, at: float | None = None, **more: Any) -> dict[str, Any]:
    """A customer as known on day `at`."""
    own = {"external_id": f"c{number}", "email": f"c{number}@example.com", "started_at": on(started)}
    return {**own, "source_updated_at": on(started if at is None else at), **more}


def payment(mark: str, number: int, day: float, amount: int = 1000, **more: Any) -> dict[str, Any]:
    """Money of a customer."""
    own = {"external_id": mark, "customer_ref": f"c{number}", "amount_minor": amount, "currency": "USD"}
    return {**own, "status": "succeeded", "paid_at": on(day), "source_updated_at": on(day), **more}


def lead(number: int, day: float, **more: Any) -> dict[str, Any]:
    """A lead as it came in."""
    own = {"external_id": f"l{number}", "email": f"l{number}@example.com", "created_at": on(day)}
    return {**own, "source_updated_at": on(day), **more}
