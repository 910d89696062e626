"""Whether what came still agrees with what was said, however often one looks.

Under the chances `said`, with log-odds off by at most what is tolerated, the likelihood ratio of a larger shift is at
most 1 on average, and so is a mixture of several: a test supermartingale. It ever exceeds 1 / a with probability a at
most (Ville 1939), at any number of looks, at moments chosen by whom it may be. Mixture: Robbins, Annals of
Mathematical Statistics 1970; review: Ramdas, Gruenwald, Vovk, Shafer, Statistical Science 2023. The chances of a
Bernoulli likelihood ratio only rise with the number that came, so that the test is an interval for that number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ml_services.scoreboard.intervals import NORMAL_95

Floats = npt.NDArray[np.float64]

FALSE_ALARMS = 0.05
"""The probability that a version whose chances are right is ever alerted about."""
TOLERATED, MOST_TOLERATED = math.log(1.1), math.log(1.5)
"""In odds: a tenth is news to nobody; and however little a version was measured on, by half is."""
SHIFTS = (0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.4, 2.0)
"""Log-odds beyond what is tolerated, mixed in equal parts: from a tenth of the odds to sevenfold."""
SURE = 1e-6
"""No chance is taken to be nearer to 0 or 1."""
BISECTIONS = 40
MOST_NEEDED = 10_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Rates between which what comes is no news. `low` and `high` 0 and 1: with so few rows nothing would be."""

    rows: int
    expected: float
    low: float
    high: float

    def side(self, hits: float) -> str:
        """above, below, or nothing."""
        if self.rows == 0:
            return ""
        rate = hits / self.rows
        return "above" if rate > self.high else "below" if rate < self.low else ""


def tolerance(card: Mapping[str, Any]) -> float:
    """Log-odds that a version may be off: at least TOLERATED, and what its own measuring leaves open (the half width of
    the 95 % interval of the rate in its hold-out)."""
    balance = [float(rows) for rows in (card.get("class_balance") or {}).values()]
    rows = float((card.get("holdout") or {}).get("rows") or 0)
    if len(balance) != 2 or rows <= 0 or min(balance) <= 0:
        return TOLERATED
    rarer = min(balance) / sum(balance)
    return min(max(TOLERATED, NORMAL_95 / math.sqrt(rows * rarer * (1 - rarer))), MOST_TOLERATED)


def limits(said: Floats, false_alarms: float, tolerated: float) -> Limits:
    """The rates that would be no news. Half of the false alarms on either side."""
    rows = len(said)
    if rows == 0:
        return Limits(0, 0.0, 0.0, 1.0)
    bar, inner = math.log(2 / false_alarms), np.clip(said, SURE, 1 - SURE)
    above = _crossing(_costs(inner, tolerated), rows, bar)
    below = _crossing(_costs(1 - inner, tolerated), rows, bar)
    return Limits(rows, float(inner.mean()), max(1 - below / rows, 0.0), min(above / rows, 1.0))


def rows_needed(said: Floats, false_alarms: float, tolerated: float) -> int:
    """How many rows such as these it takes until twice the rate (midway to certainty where twice is beyond it) is news;
    0 where these are enough."""
    found = limits(said, false_alarms, tolerated)
    if found.rows == 0 or found.high < noticeable(found.expected):
        return 0
    bar, costs = math.log(2 / false_alarms), _costs(np.clip(said, SURE, 1 - SURE), tolerated) / found.rows
    few, many = found.rows, MOST_NEEDED
    while many - few > max(1, few // 100):
        middle = (few + many) // 2
        enough = _crossing(costs * middle, middle, bar) < noticeable(found.expected) * middle
        few, many = (few, middle) if enough else (middle, many)
    return many


def noticeable(expected: float) -> float:
    """The rate that must be news before quiet is called quiet."""
    return min(2 * expected, (1 + expected) / 2)


def _costs(said: Floats, tolerated: float) -> Floats:
    """For each shift, what the log likelihood ratio has paid before anything came: sum of log(1 - p + p e^d)."""
    start = np.log1p(said * math.expm1(tolerated)).sum()
    return np.array([np.log1p(said * math.expm1(tolerated + shift)).sum() - start for shift in SHIFTS])


def _crossing(costs: Floats, rows: int, bar: float) -> float:
    """The number that has to come until the mixture is beyond the bar; more than `rows` where it cannot be."""
    parts: list[tuple[float, float]] = list(zip(SHIFTS, costs.tolist(), strict=True))

    def log_mixture(hits: float) -> float:
        ratios = [hits * shift - cost for shift, cost in parts]
        top = max(ratios)
        return top + math.log(sum(math.exp(ratio - top) for ratio in ratios) / len(ratios))

    if log_mixture(rows) < bar:
        return rows + 1.0
    low, high = 0.0, float(rows)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if log_mixture(middle) >= bar else (middle, high)
    return high


__all__ = ["FALSE_ALARMS", "TOLERATED", "Limits", "limits", "noticeable", "rows_needed", "tolerance"]
