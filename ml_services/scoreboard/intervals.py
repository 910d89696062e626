"""Shares with their intervals, and how surely stated chances miss what came."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
NORMAL_95 = 1.959964
"""Two-sided 95 % point of the normal distribution."""


def figure(
    value: float | None, rows: int, *, low: float | None = None, high: float | None = None, needed: str = ""
) -> dict[str, Any]:
    """A figure of a board: `value` None is unknown, and `needed` says what is missing."""
    return {"value": value, "low": low, "high": high, "rows": rows, "needed": needed or None}


def unknown(rows: int, needed: str) -> dict[str, Any]:
    """A figure that is not known yet."""
    return figure(None, rows, needed=needed)


def wilson(hits: float, rows: int) -> tuple[float, float]:
    """95 % interval of a share of `rows` > 0 (Wilson, JASA 1927; Brown, Cai, DasGupta, Statistical Science 2001)."""
    share, z2 = hits / rows, NORMAL_95**2
    middle = (share + z2 / (2 * rows)) / (1 + z2 / rows)
    half = NORMAL_95 * math.sqrt(share * (1 - share) / rows + z2 / (4 * rows * rows)) / (1 + z2 / rows)
    return max(min(middle - half, share), 0.0), min(max(middle + half, share), 1.0)


def share(hits: float, rows: int) -> dict[str, Any]:
    """A share as a figure."""
    if rows == 0:
        return unknown(0, "1 outcome")
    low, high = wilson(hits, rows)
    return figure(hits / rows, rows, low=low, high=high)


def spiegelhalter(came: Floats, said: Floats) -> tuple[float, float] | None:
    """z and its two-sided p-value: whether the Brier score is as it would be were the chances right (Spiegelhalter,
    Statistics in Medicine 1986). None where all chances are 0, 1/2 or 1."""
    weight = 1 - 2 * said
    variance = float((weight**2 * said * (1 - said)).sum())
    if variance <= 0:
        return None
    z = float(((came - said) * weight).sum()) / math.sqrt(variance)
    return z, math.erfc(abs(z) / math.sqrt(2))


__all__ = ["NORMAL_95", "figure", "share", "spiegelhalter", "unknown", "wilson"]
