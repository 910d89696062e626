"""Which candidate serves, and how its logarithms become amounts: decided by back-tests that look ahead in time.

A value is used to rank customers, to find the best ones and to add up to a budget. These disagree: the mean absolute
error alone is lowest when (almost) everybody is said to spend nothing, because most customers do not come back. So
the candidates are judged by Tweedie deviance, which is proper for the mean (Gneiting, JASA 106, 2011), at the right
total; among those that are nearly as good as the best, the one that ranks best serves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_services.evaluation import value_figures
from ml_services.lifetime.boosting import (
    CANDIDATES,
    TWEEDIE_POWER,
    assemble,
    learn_boosters,
    make_lesson,
    purchase_model_before,
)
from ml_services.lifetime.rfm import Floats, Integers, Purchases, frame_before, spent_between

GIVEN_UP = 0.02
"""Share of the best deviance that may be given up for a better ranking, and again for a lower absolute error."""
SLOPES = (1.0, 1.1, 1.2)
"""Powers that predictions may be sharpened by, the total kept."""
TRUST_IN_TOTALS = 0.5
"""How much of the back-tests' error in the total (as a logarithm) is corrected: one or two windows say little about
the next one, so half of it is taken for chance (shrinkage as in James and Stein, 1961)."""
HOLDOUT_SHARE = 0.2
LONG_SHARE, SHORT_SHARE = 1 / 2, 1 / 3
"""The windows looked ahead, of the time there is, unless the horizon is shorter."""


@dataclass(frozen=True, slots=True)
class BackTest:
    """What every candidate said of the customers known at the day `cut`, and what came in the next `days`."""

    cut: int
    days: int
    customer: Integers
    X: Floats
    came: Floats
    raw: Mapping[str, Floats]
    fit_s: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Choice:
    """`slope` and `total`: what said amounts are raised to, and what their total is then multiplied by. `scores`:
    deviance and Spearman correlation of each candidate, means over the back-tests."""

    name: str
    slope: float
    total: float
    scores: Mapping[str, dict[str, float]]


def back_test_windows(start: int, end: int, horizon: int) -> list[tuple[int, int]]:
    """(cut, days) of the two back-tests, the longer one first; nothing before `start` nor from `end` on."""
    long, short = (max(min(horizon, int((end - start) * share)), 1) for share in (LONG_SHARE, SHORT_SHARE))
    if long > short:
        return [(end - long, long), (end - short, short)]
    return [(end - long, long), (end - long - (long + 1) // 2, long)]


def back_test(purchases: Purchases, learners: npt.NDArray[np.bool_], cut: int, days: int, seed: int) -> BackTest:
    """Learns from what the `learners` (a mark for each customer) did before `cut`; says it of everybody."""
    taught = purchases.of(learners)
    members = learn_boosters(make_lesson(taught, cut, days, seed), tuple(CANDIDATES), seed)
    model, _ = purchase_model_before(taught, cut, seed)
    frame = frame_before(purchases, cut)
    centre = np.nan_to_num(frame.X[0])
    raw = {name: assemble(name, model, members, days, centre).raw(frame.X) for name in CANDIDATES}
    came, _ = spent_between(purchases, frame.customer, cut, cut + days)
    fit_s = {name: sum(members[m].fit_s for m in parts if m) for name, parts in CANDIDATES.items()}
    return BackTest(cut, days, frame.customer, frame.X, came, raw, fit_s)


def choose(tests: list[BackTest], learners: npt.NDArray[np.bool_]) -> Choice:
    """By the learners' rows only: the others are held out."""
    rows = [learners[test.customer] for test in tests]
    scores: dict[str, dict[str, float]] = {}
    for name in CANDIDATES:
        deviances, ranks = [], []
        for test, mine in zip(tests, rows, strict=True):
            came, said = test.came[mine], at_total(test.raw[name][mine], test.came[mine].sum())
            deviances.append(float(_deviance(came, said).mean()))
            ranks.append(value_figures(came, said, said, said)["spearman"])
        scores[name] = {"deviance": float(np.mean(deviances)), "spearman": float(np.mean(ranks))}
    most = (1.0 + GIVEN_UP) * min(figures["deviance"] for figures in scores.values())
    close = [name for name, figures in scores.items() if figures["deviance"] <= most]
    name = max(close, key=lambda name: scores[name]["spearman"])
    kept = [(test.raw[name][mine], test.came[mine]) for test, mine in zip(tests, rows, strict=True)]
    return Choice(name, _slope(kept), _total(kept), scores)


def at_total(raw: Floats, total: float, slope: float = 1.0) -> Floats:
    """exp(slope * raw), made to sum to `total`."""
    said = np.exp(slope * (raw - raw.max()))
    return np.asarray(said * (total / said.sum()))


def _deviance(came: Floats, said: Floats) -> Floats:
    """Unit Tweedie deviances (Jorgensen, 1987)."""
    p = TWEEDIE_POWER
    parts = came ** (2 - p) / ((1 - p) * (2 - p)) - came * said ** (1 - p) / (1 - p) + said ** (2 - p) / (2 - p)
    return np.asarray(2.0 * parts)


def _slope(kept: list[tuple[Floats, Floats]]) -> float:
    """The sharpening with the lowest mean absolute error at the right total, if its deviance is nearly as good."""
    errors: dict[float, float] = {}
    deviances: dict[float, float] = {}
    for slope in SLOPES:
        said = [at_total(raw, came.sum(), slope) for raw, came in kept]
        pairs = [(came, amounts) for amounts, (_, came) in zip(said, kept, strict=True)]
        deviances[slope] = sum(float(_deviance(came, amounts).mean()) for came, amounts in pairs)
        errors[slope] = sum(float(np.abs(amounts - came).sum() / came.sum()) for came, amounts in pairs)
    most = (1.0 + GIVEN_UP) * deviances[1.0]
    return min((slope for slope in SLOPES if deviances[slope] <= most), key=lambda slope: errors[slope])


def _total(kept: list[tuple[Floats, Floats]]) -> float:
    errors = [np.log(came.sum() / np.exp(raw).sum()) for raw, came in kept]
    return float(np.exp(TRUST_IN_TOTALS * np.mean(errors)))


__all__ = ["HOLDOUT_SHARE", "BackTest", "Choice", "at_total", "back_test", "back_test_windows", "choose"]
