"""How far a rate may be from what was seen: of a band, of what comes next.

Of `rows` with `wins` among them, where the model said `expected` on average, the true rate has the posterior
Beta(wins + s e, rows - wins + s (1 - e)): the prior has the weight s of one row, as Jeffreys' has (Brown, Cai and
DasGupta, Statistical Science 2001), but its middle is the calibrated probability. With no rows it says next to nothing;
with few it leans to what was said; with many to what was seen. The wins among the next m rows then are beta-binomial
(Gelman et al., Bayesian Data Analysis, 3rd ed. 2013, 2.5), which holds both doubts: of the rows judged, and of those to
come.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

LEVEL = 0.95
PRIOR_ROWS = 1.0
WEIGHTS: dict[str, float] = {"provisional": 0.5, "standard": 0.5, "full": 1.0}
"""By evidence level, for how much of a fresh row each judged one counts. Rows out of fold were judged by other models
than the one that serves, and its calibrator was fitted on them. Found by `benchmarks.bands` on two
files, so that the interval for fresh rows holds as often as it says, and checked on a third (docs/MODELS.md)."""
LEAST_SHARE = 1e-3
"""A model that says 0 or 1 is still given this much doubt: a Beta distribution needs it."""


def posterior(wins: float, rows: float, expected: float) -> tuple[float, float]:
    """The parameters of the rate's Beta distribution."""
    inner = min(max(expected, LEAST_SHARE), 1 - LEAST_SHARE)
    return wins + PRIOR_ROWS * inner, rows - wins + PRIOR_ROWS * (1 - inner)


def of_rate(wins: float, rows: float, expected: float, level: float = LEVEL) -> tuple[float, float]:
    """The equal-tailed credible interval of the true rate."""
    from scipy.special import betaincinv

    a, b = posterior(wins, rows, expected)
    tail = (1 - level) / 2
    return float(betaincinv(a, b, tail)), float(betaincinv(a, b, 1 - tail))


def of_wins(a: float, b: float, fresh: int, level: float = LEVEL) -> tuple[int, int]:
    """The equal-tailed interval of the wins among `fresh` rows whose rate is Beta(a, b). Whole numbers: it holds the
    level at least."""
    import numpy as np
    from scipy.special import betaln, gammaln

    if not fresh:
        return 0, 0
    k = np.arange(fresh + 1, dtype=np.float64)
    logs = gammaln(fresh + 1) - gammaln(k + 1) - gammaln(fresh - k + 1) + betaln(k + a, fresh - k + b) - betaln(a, b)
    below = np.cumsum(np.exp(logs))
    tail = (1 - level) / 2
    low, high = np.searchsorted(below, tail), np.searchsorted(below, (1 - tail) * below[-1])
    return int(low), int(min(high, fresh))


def of_fresh(wins: float, rows: float, expected: float, fresh: int, level: float = LEVEL) -> tuple[float, float]:
    """The interval of the share of wins among the next `fresh` rows."""
    low, high = of_wins(*posterior(wins, rows, expected), fresh, level)
    return low / fresh, high / fresh


def cut(said: Sequence[float] | Floats, cuts: Sequence[float]) -> list[int]:
    """The place of each probability's band, the least likely first; one that is a cut belongs above it."""
    import numpy as np

    found: list[int] = np.searchsorted(np.asarray(cuts), np.asarray(said), side="right").tolist()
    return found


__all__ = ["LEAST_SHARE", "LEVEL", "WEIGHTS", "cut", "of_fresh", "of_rate", "of_wins", "posterior"]
