"""Everything that is kept for a time only: the ledger by each company's retention, the log of requests, and the
answers kept for repeated requests."""

from __future__ import annotations

from api_gateway import idempotency
from request_logs import pruning
from request_logs.pruning import BATCH, Pruned


def prune(*, batch: int = BATCH) -> tuple[list[Pruned], int]:
    """Removes what is kept no longer. By company; and how many answers of repeated requests."""
    found, answers = pruning.prune(batch=batch), 0
    while (some := idempotency.prune_expired(batch)) > 0:
        answers += some
    return found, answers


__all__ = ["prune"]
