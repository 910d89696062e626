"""Whether what comes in, what is said and what happens still look like what the serving version learned from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ml_services.drift.limits import MOST_DAYS, MOST_ROWS, USUAL_DAYS
from platform_core.errors import InputInvalid


def verdict(
    predictor: str, *, until: datetime | None = None, days: int = USUAL_DAYS, most: int = MOST_ROWS
) -> dict[str, Any]:
    """The verdict on what serves `predictor` for the company in force, with its evidence, JSON-ready: {predictor,
    version, shared, verdict: none|note|drift|unknown, reasons, input, output, outcome, window, reference,
    computed_at}. The window ends at `until` (now). `most`: rows of the ledger that are read, the newest. Raises
    NotFound for no such predictor, InputInvalid for days that cannot be."""
    from ml_services.drift import verdicts  # numpy: not for a process that serves none of it

    if not 1 <= days <= MOST_DAYS:
        raise InputInvalid(f"days must be a whole number from 1 to {MOST_DAYS}.", attr="days")
    return verdicts.verdict(predictor, until=until, days=days, most=most)


__all__ = ["verdict"]
