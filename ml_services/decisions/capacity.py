"""Money and capacity: whom to act on, given what a win is worth, what an action costs, and how many a team can take.

An action on a record with probability p is expected to bring p times the value of a win; it pays where that is more
than it costs (the threshold cost / value of cost-sensitive decisions: Elkan, IJCAI 2001). Of those where it pays, the
likeliest come first, as many as the team can take.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ml_services.base import Judged
from ml_services.card import rounded
from ml_services.decisions import intervals
from platform_core.errors import InputInvalid

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

CURVE_POINTS = 101
NEXT = 100
LEAST_JUDGED = 30
"""Rows that an interval must rest on."""
Amount = Decimal | float | int | str


def plan(
    probabilities: Sequence[float] | Floats,
    *,
    value_per_win: Amount,
    cost_per_action: Amount,
    capacity: int | None,
    judged: Judged | None = None,
) -> dict[str, Any]:
    """Whom to act on, what that is expected to bring, and the curve of acting on more and more. `probabilities` (n,) in
    [0, 1]; `capacity` None: no bound. `judged`: rows of the same version with their truth, from which the interval
    comes. Raises InputInvalid for amounts below 0 or a win worth nothing."""
    import numpy as np

    value, cost = float(value_per_win), float(cost_per_action)
    _check(value, cost, capacity)
    ranked = -np.sort(-np.asarray(probabilities, dtype=np.float64))
    if len(ranked) and not (ranked[-1] >= 0 and ranked[0] <= 1):
        raise InputInvalid("Probabilities lie between 0 and 1.")
    pays = int(np.searchsorted(-ranked, -cost / value, side="left"))
    acted = pays if capacity is None else min(pays, capacity)
    wins = np.concatenate([[0.0], np.cumsum(ranked)])
    money = wins * value - cost * np.arange(len(wins))
    after = min(acted + NEXT, len(ranked))
    found = {
        "records": len(ranked),
        "acted_on": acted,
        "cut_off": float(ranked[acted - 1]) if acted else None,
        "break_even": min(cost / value, 1.0),
        "bound_by": "money" if acted == pays else "capacity",
        "expected_wins": float(wins[acted]),
        "cost": cost * acted,
        "money": float(money[acted]),
        "next": {
            "records": after - acted,
            "expected_wins": float(wins[after] - wins[acted]),
            "money": float(money[after] - money[acted]),
        },
        "interval": _interval(ranked[:acted], judged, value, cost),
        "curve": _curve(wins, money, acted),
    }
    return dict(rounded(found, 12))


def _check(value: float, cost: float, capacity: int | None) -> None:
    if not 0 < value < float("inf"):
        raise InputInvalid("value_per_win must be above 0: a win that is worth nothing is worth no action.",
                           attr="value_per_win")  # fmt: skip
    if not 0 <= cost < float("inf"):
        raise InputInvalid("cost_per_action must be 0 or more.", attr="cost_per_action")
    if capacity is not None and capacity < 0:
        raise InputInvalid("capacity must be 0 or more.", attr="capacity")


def _interval(acted: Floats, judged: Judged | None, value: float, cost: float) -> dict[str, Any] | None:
    """Between how many wins lie with 95 %, if these records are like those the version was judged on: the rate of the
    judged rows above the cut-off, beside what was said of them, moves what is said of these."""
    if judged is None or not len(acted):
        return None
    above = judged.said >= acted[-1]
    rows, wins = int(above.sum()), float(judged.truth[above].sum())
    if rows < LEAST_JUDGED:
        return None
    expected = float(judged.said[above].mean())
    a, b = intervals.posterior(judged.weight * wins, judged.weight * rows, expected)
    ratio = a / (a + b) / expected if expected else 1.0
    rate = min(max(float(acted.mean()) * ratio, intervals.LEAST_SHARE), 1 - intervals.LEAST_SHARE)
    low, high = intervals.of_wins(rate * (a + b), (1 - rate) * (a + b), len(acted))
    return {
        "level": intervals.LEVEL,
        "wins_low": low,
        "wins_high": high,
        "money_low": low * value - cost * len(acted),
        "money_high": high * value - cost * len(acted),
        "judged_rows": rows,
    }


def _curve(wins: Floats, money: Floats, acted: int) -> list[dict[str, float]]:
    """Evenly from nobody to everybody, the point of the plan among them."""
    import numpy as np

    places = np.unique(np.linspace(0, len(wins) - 1, CURVE_POINTS - 1).astype(np.int64))
    places = np.unique(np.append(places, acted))
    return [{"acted_on": int(k), "wins": float(wins[k]), "money": float(money[k])} for k in places]


__all__ = ["CURVE_POINTS", "plan"]
