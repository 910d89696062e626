"""What somebody who asks is told: the kept verdict of the night, or, of other days, one made now of fewer rows."""

from __future__ import annotations

from typing import Any

from ml_services import drift, registry, selectors
from ml_services.drift import checks
from ml_services.drift.limits import FRESH_ROWS, USUAL_DAYS


def told(predictor: str, days: int | None = None, most: int = FRESH_ROWS) -> dict[str, Any]:
    """The verdict, with `stored`. Without `days` the kept one on the version that serves, where there is one of the
    last day and a half; else one made now, of the newest `most` rows. Raises NotFound, InputInvalid."""
    registry.predictor(predictor)
    if days is None and (kept := latest(predictor)) is not None:
        return kept
    return {**drift.verdict(predictor, days=USUAL_DAYS if days is None else days, most=most), "stored": False}


def latest(predictor: str) -> dict[str, Any] | None:
    """The kept verdict on the version that serves, where there is a young one."""
    row = selectors.serving_version(predictor)
    kept = checks.latest(predictor, row.version) if row is not None and row.company_id is not None else None
    return {**kept.evidence, "stored": True} if kept is not None else None


__all__ = ["latest", "told"]
