"""A version month by month (UTC), by when its predictions were made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ml_services.scoreboard.figures import BY_TASK
from ml_services.scoreboard.intervals import share
from ml_services.scoreboard.ledger_rows import Rows
from ml_services.scoreboard.rates import Floats, Rates

SHOWN = (
    "roc_auc", "accuracy", "brier", "log_loss", "ece", "spiegelhalter_z", "mae", "spearman", "total_ratio", "mase",
    "coverage_80", "micro_f1",
)  # fmt: skip


def over_time(task: str, reported: Rows, told: Rates, classes: Sequence[str]) -> list[dict[str, Any]]:
    """One entry a month that has predictions which count, the oldest first."""
    months, of_rows = _months(told.at), _months(reported.at)
    entries = []
    for month in np.unique(months):
        came, said = told.came[months == month], told.said[months == month]
        known = ~np.isnan(came)
        part = reported.taken(np.flatnonzero(of_rows == month))
        figures = BY_TASK[task](part.more, classes)
        entries.append(
            {
                "month": str(month),
                "rows": int(known.sum()),
                "unreported": int((~known).sum()),
                "predicted": float(said[known].mean()) if known.any() else None,
                "observed": share(float(came[known].sum()), int(known.sum())),
                "metrics": {name: figures[name] for name in SHOWN if name in figures},
            }
        )
    return entries


def _months(at: Floats) -> Any:
    return np.floor(at).astype("datetime64[s]").astype("datetime64[M]")


__all__ = ["over_time"]
