"""What each band of a model holds: its range, what was said in it, and what came."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ml_services.base import Banded, Judged
from ml_services.card import rounded
from ml_services.decisions import intervals

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


def of_card(banded: Banded | None, cuts: Sequence[float] | None, judged: Judged | None) -> list[dict[str, Any]]:
    """The table of the rows that a version was judged on; empty for a predictor without bands."""
    if banded is None or cuts is None or judged is None:
        return []
    both = zip(ranges(banded, cuts), rates(judged.truth, judged.said, cuts, judged.weight), strict=True)
    return [dict(rounded({**line, **facts})) for line, facts in both]


def ranges(banded: Banded, cuts: Sequence[float]) -> list[dict[str, Any]]:
    """Each band's name and the probabilities from which (included) and to which (not included) it goes."""
    ends = [0.0, *cuts, 1.0]
    return [
        {"band": name, "from": low, "to": high} for name, (low, high) in zip(banded.names, pairwise(ends), strict=True)
    ]


def rates(truth: Floats, said: Floats, cuts: Sequence[float], weight: float = 1.0) -> list[dict[str, Any]]:
    """Of each band: `rows`, `share` of all rows, `expected` rate (the mean said), `observed` rate, and the 95 %
    interval `low` to `high` of the true one. An empty band has a count of 0 and nothing else: it says nothing.
    `weight` as of `Judged`."""
    import numpy as np

    places = np.asarray(intervals.cut(said, cuts), dtype=np.int64)
    found = []
    for place in range(len(cuts) + 1):
        inside = places == place
        rows, wins = int(inside.sum()), float(truth[inside].sum())
        if not rows:
            found.append(
                {"rows": 0, "share": 0.0, "wins": 0, "expected": None, "observed": None, "low": None, "high": None}
            )
            continue
        expected = float(said[inside].mean())
        low, high = intervals.of_rate(weight * wins, weight * rows, expected)
        found.append(
            {"rows": rows, "share": rows / len(said), "wins": int(wins), "expected": expected, "observed": wins / rows,
             "low": low, "high": high}
        )  # fmt: skip
    return found


__all__ = ["of_card", "ranges", "rates"]
