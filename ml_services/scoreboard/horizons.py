"""After how long an outcome can be known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DEFAULT_HORIZON_DAYS: Mapping[str, int] = {
    "lead-score": 90,
    "churn": 90,
    "clv": 365,
    "plan-tier": 30,
    "segment": 30,
    "sales-forecast": 30,
    "sentiment": 0,
    "tag": 0,
}
"""Where neither the company nor the version says. A text is what it is at once; a sale takes a quarter."""
FALLBACK_HORIZON_DAYS = 90
"""Of a predictor that the table does not name."""
LONGEST_HORIZON_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Horizon:
    """`source`: answer (it names its own), setting (the company's), card (the version's) or default."""

    days: int
    source: str


def horizon_of(
    predictor: str, *, answered: Any = None, setting: int | None = None, card: Mapping[str, Any] | None = None
) -> Horizon:
    """An answer that names its own horizon (a value within 365 days) is about that one; else the company's setting,
    the version's card, the default."""
    for days, source in ((answered, "answer"), (setting, "setting"), ((card or {}).get("horizon_days"), "card")):
        if isinstance(days, int) and not isinstance(days, bool) and 0 <= days <= LONGEST_HORIZON_DAYS:
            return Horizon(days, source)
    return Horizon(DEFAULT_HORIZON_DAYS.get(predictor, FALLBACK_HORIZON_DAYS), "default")


__all__ = ["DEFAULT_HORIZON_DAYS", "Horizon", "horizon_of"]
