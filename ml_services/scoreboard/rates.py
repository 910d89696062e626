"""The yes/no side of every question: something that was said to happen with a chance, and did or did not. Of classes,
that the likeliest is right; of amounts, that they lie in their interval; of labels, as often as the card promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ml_services.scoreboard.counting import Counted
from ml_services.scoreboard.figures import chances
from ml_services.scoreboard.questions import Question
from ml_services.scoreboard.series import LEVEL

Floats = npt.NDArray[np.float64]
TENTHS = 10
ABOUT = {
    "binary": "yes",
    "classes": "answered rightly",
    "value": "within the interval said",
    "cluster": "answered rightly",
    "polarity": "answered rightly",
    "tags": "answered exactly",
    "series": "first value within the 80 % interval",
}
"""What is counted, by task."""


@dataclass(frozen=True, slots=True)
class Rates:
    """(n,) of what counts: `came` 1, 0 or NaN where nothing was reported; `said` its chance; `band` its place among
    `bands`, -1 in none."""

    came: Floats
    said: Floats
    at: Floats
    band: npt.NDArray[np.int64]
    bands: tuple[str, ...]


def rates(task: str, found: Counted, asked: Question, card: Mapping[str, Any]) -> Rates | None:
    """None where nothing was said that could be held against what came."""
    more, rows = found.rows.more, found.rows
    if task == "binary":
        said, came = more["said"], more["came"]
    elif task == "classes" and asked.classes:
        each = chances(more, asked.classes)
        said, right = each.max(axis=1), (each.argmax(axis=1) == more["came"]).astype(np.float64)
        came = np.where(np.isnan(more["came"]), np.nan, right)
    elif task == "value":
        inside = ((more["low"] <= more["came"]) & (more["came"] <= more["high"])).astype(np.float64)
        said, came = more["level"], np.where(np.isnan(more["came"]), np.nan, inside)
    elif task == "series":
        said, came = np.full(len(rows), LEVEL), more["first_80"]
    else:
        promised = (card.get("metrics") or {}).get("accuracy")
        if not isinstance(promised, float | int) or "came" not in more:
            return None
        said, came = np.full(len(rows), float(promised)), _right(more)
    kept = ~np.isnan(said)
    if "band" in more:
        band, names = more["band"][kept].astype(np.int64) - 1, asked.bands
    else:
        band, names = tenths(said[kept])
    return Rates(came[kept], said[kept], rows.at[kept], band, names)


def _right(more: Mapping[str, Floats]) -> Floats:
    if "known" not in more:
        return more["came"]
    exact = ((more["came"] == more["told"]) & (more["came"] == more["known"])).astype(np.float64)
    result: Floats = np.where(np.isnan(more["came"]), np.nan, exact)
    return result


def tenths(said: Floats) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """Bands of about equal numbers, told by their chances; fewer than ten where many chances are the same."""
    if len(said) == 0 or np.ptp(said) == 0:
        return np.full(len(said), -1, dtype=np.int64), ()
    edges = np.unique(np.quantile(said, np.linspace(0, 1, TENTHS + 1)))
    band = np.clip(np.searchsorted(edges, said, side="right") - 1, 0, len(edges) - 2)
    names = tuple(f"{low:.1%} to {high:.1%}" for low, high in pairwise(edges))
    return band.astype(np.int64), names


__all__ = ["ABOUT", "Rates", "rates", "tenths"]
