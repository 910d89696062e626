"""Candidates for the value of the next days: the purchase model, boosted trees, and their geometric blends.

Every candidate is a sum in log space, so that blends (means of logarithms) and effects stay exactly additive. Boosted
corrections start from the purchase model's expectation (as offset), which carries them over to horizons longer than
any window that could be learned from; the others scale with the days.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml_services.boosters import LightGBMScorer
from ml_services.lifetime.bgnbd import PurchaseModel, fit_purchase_model
from ml_services.lifetime.rfm import Floats, Frame, Purchases, derive, frame_before, spent_between
from ml_services.lifetime.scorer import Member, ValueScorer

TWEEDIE_POWER = 1.5
"""Between Poisson (1) and gamma (2): a mass at zero and a heavy tail (Jorgensen, 1987)."""
ROUNDS = 200
MOST_ROWS = 300_000
"""Training rows over all windows; of more customers a sample is taken."""
MOST_FOR_PURCHASE_MODEL = 50_000
CUTS = (0.75, 1.0, 1.25, 1.5, 2.0)
"""Training windows start so many window lengths before the end."""
SHARE = 1 / 3
"""The window length, of the time there is, unless the horizon is shorter."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Customers at several days, and what they did in the windows that followed."""

    X: Floats
    days: Floats
    log_purchases: Floats
    log_amount: Floats
    spent: Floats
    bought: Floats


@dataclass(frozen=True, slots=True)
class Booster:
    """One boosted model: what it learns, and from which offset it starts."""

    objective: str
    on_purchases: bool
    """Offset by the purchase model's expectation; else by the days alone."""
    counts: bool = False
    """Learns purchases, times the purchase model's amount; else learns the amount spent itself."""


BOOSTERS: Mapping[str, Booster] = {
    "tweedie": Booster("tweedie", on_purchases=False),
    "corrected": Booster("tweedie", on_purchases=True),
    "counts": Booster("poisson", on_purchases=True, counts=True),
}
CANDIDATES: Mapping[str, tuple[str, ...]] = {
    "bg_nbd_gamma_gamma": ("",),
    "lightgbm_tweedie": ("tweedie",),
    "lightgbm_on_bg_nbd": ("corrected",),
    "lightgbm_counts_x_amount": ("counts",),
    "blend_tweedie": ("tweedie", "corrected"),
    "blend_all": ("tweedie", "corrected", "counts", ""),
}
"""Each candidate's members; "" is the purchase model by itself."""


def training_cuts(start: int, end: int, horizon: int) -> list[int]:
    """Days at which to look back and ahead, all windows ending before `end`."""
    window = min(float(horizon), (end - start) * SHARE)
    return [max(round(end - window * times), start + 1) for times in CUTS]


def purchase_model_before(purchases: Purchases, cut: int, seed: int) -> tuple[PurchaseModel, Frame]:
    """Fitted to what was known before `cut`, on a sample of many customers."""
    frame = frame_before(purchases, cut)
    rows = _sample(len(frame.X), MOST_FOR_PURCHASE_MODEL, seed)
    return fit_purchase_model(frame.X[rows]), frame


def make_lesson(purchases: Purchases, end: int, horizon: int, seed: int) -> Lesson:
    """Learns from nothing on or after the day `end`."""
    parts: list[tuple[Floats, ...]] = []
    cuts = training_cuts(int(purchases.day.min()), end, horizon)
    for cut in cuts:
        days = min(horizon, end - cut)
        model, frame = purchase_model_before(purchases, cut, seed)
        rows = _sample(len(frame.X), MOST_ROWS // len(cuts), seed)
        X = frame.X[rows]
        spent, bought = spent_between(purchases, frame.customer[rows], cut, cut + days)
        logs = model.log_purchases(X, days), model.log_amount(X)
        parts.append((X, np.full(len(X), float(days)), *logs, spent, bought))
    return Lesson(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def learn_boosters(lesson: Lesson, names: tuple[str, ...], seed: int) -> dict[str, Member]:
    """The boosters that `names` of candidates need."""
    needed = sorted({member for name in names for member in CANDIDATES[name] if member})
    derived = derive(lesson.X)
    return {member: _learn(lesson, derived, BOOSTERS[member], seed) for member in needed}


def _learn(lesson: Lesson, derived: Floats, booster: Booster, seed: int) -> Member:
    import lightgbm as lgb

    started = time.monotonic()
    offset = np.log(lesson.days)
    if booster.on_purchases:
        offset = lesson.log_purchases + (0.0 if booster.counts else lesson.log_amount)
    settings: dict[str, Any] = {
        "objective": booster.objective, "learning_rate": 0.03, "num_leaves": 8, "lambda_l2": 10.0,
        "min_data_in_leaf": int(np.clip(len(derived) / 300, 20, 200)), "feature_fraction": 0.4,
        "bagging_fraction": 0.8, "bagging_freq": 1, "seed": seed, "deterministic": True, "force_col_wise": True,
        "num_threads": 1, "verbosity": -1,
    }  # fmt: skip
    if booster.objective == "tweedie":
        settings["tweedie_variance_power"] = TWEEDIE_POWER
    target = lesson.bought if booster.counts else lesson.spent
    # With an offset LightGBM does not start from the mean by itself.
    shift = float(np.log(max(target.sum(), 1.0) / np.exp(offset).sum()))
    data = lgb.Dataset(derived, target, init_score=offset + shift, params=settings)
    scorer = LightGBMScorer(lgb.train(settings, data, ROUNDS))
    fit_s = time.monotonic() - started
    return Member(scorer, shift, float(booster.on_purchases), float(booster.on_purchases), fit_s)


def assemble(
    name: str, model: PurchaseModel, members: Mapping[str, Member], horizon: int, centre: Floats
) -> ValueScorer:
    """A candidate as one scorer, its members' logarithms averaged."""
    alone = Member(None, 0.0, 1.0, 1.0)
    return ValueScorer(model, [members.get(member, alone) for member in CANDIDATES[name]], float(horizon), centre)


def _sample(n: int, most: int, seed: int) -> Any:
    if n <= most:
        return slice(None)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))
