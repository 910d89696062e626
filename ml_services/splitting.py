"""Which rows are learned from, which choose, and which only judge.

The hold-out is locked: no choice sees it. Where there is a time column it is the newest part, since that is what
serving meets; else it is drawn by class. Few rows give no hold-out: repeated cross-validation then uses each of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_services.base import Evidence
from ml_services.targets import Target
from platform_core.errors import TrainingRefused

Rows = npt.NDArray[np.int64]

FEWEST_RARER = 10
STANDARD_RARER = 40
FULL_RARER = 120
HOLDOUT_SHARE = 0.2
WIDEST_HOLDOUT_SHARE = 0.4
ENOUGH_HELD, ENOUGH_RARER_HELD = 50_000, 1_000
"""Where a fifth is more than both, this is held out: more would tell the figures no surer."""
FEWEST_HOLDOUT_RARER = 10
FOLDS = 5
FORWARD_BLOCKS = 6
"""By time: each fold learns from all blocks before the one that it is judged on; the first two only teach."""
REPEATS: dict[Evidence, int] = {"provisional": 4, "standard": 3, "full": 1}
VALUE_STRATA = 10


@dataclass(frozen=True)
class Split:
    """Row numbers within the rows that have a target. `folds`: (learned from, judged on) pairs within `development`;
    with repeats a row is judged several times, by time the oldest rows never."""

    kind: str
    development: Rows
    holdout: Rows
    folds: tuple[tuple[Rows, Rows], ...]
    notes: tuple[str, ...] = ()


def evidence_level(target: Target) -> Evidence:
    """Raises TrainingRefused below ten rows of the rarer class (or ten amounts above zero)."""
    rarer = target.rarer
    if rarer < FEWEST_RARER:
        missing = FEWEST_RARER - rarer
        what = "rows with an amount above zero" if target.task == "value" else f"rows of '{_rarest(target)}'"
        raise TrainingRefused(
            f"There are {rarer} {what} in '{target.name}'; at least {FEWEST_RARER} are needed: {missing} more.",
            attr="target",
        )
    if rarer < STANDARD_RARER:
        return "provisional"
    return "standard" if rarer < FULL_RARER else "full"


def _rarest(target: Target) -> str:
    counts = target.counts
    return min(counts, key=lambda label: counts[label])


def strata(target: Target) -> npt.NDArray[np.int64]:
    """What a random split keeps in proportion: the classes; for amounts zero and the tenths of the others."""
    if target.task != "value":
        return target.y.astype(np.int64)
    positive = target.y > 0
    edges = np.quantile(target.y[positive], np.linspace(0, 1, VALUE_STRATA + 1)[1:-1])
    return np.where(positive, 1 + np.searchsorted(edges, target.y), 0).astype(np.int64)


def make_split(
    target: Target, level: Evidence, when: npt.NDArray[np.float64] | None, seed: int, among: Rows | None = None
) -> Split:
    """`when`: the time of each row with a target, NaN where unknown, or None where there is no time column. `among`:
    the rows that alone may be held out, ascending; None: all."""
    if among is not None and level == "full":
        return _held_among(target, when, seed, among)
    if when is not None:
        return _by_time(target, level, when, seed)
    codes = strata(target)
    everyone = np.arange(len(target.y), dtype=np.int64)
    if level != "full":
        return Split("repeated cross-validation", everyone, everyone[:0], _folds(everyone, codes, REPEATS[level], seed))
    rng = np.random.default_rng(seed)
    share = min(HOLDOUT_SHARE, _enough(target) / len(everyone))
    held = _drawn(everyone, everyone, codes, share, rng)
    development, holdout = everyone[~held], everyone[held]
    return Split("stratified", development, holdout, _folds(development, codes, 1, seed))


def _drawn(
    everyone: Rows, among: Rows, codes: npt.NDArray[np.int64], share: float, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Marks a share of each class of `among`."""
    held = np.zeros(len(everyone), dtype=bool)
    for code in np.unique(codes[among]):
        rows = rng.permutation(among[codes[among] == code])
        held[rows[: round(share * len(rows))]] = True
    return held


def wanted_rows(target: Target) -> int:
    """As many are held out of a file with a hold-out."""
    codes = strata(target)
    share = min(HOLDOUT_SHARE, _enough(target) / len(codes))
    return sum(round(share * int(count)) for count in np.unique(codes, return_counts=True)[1])


def _held_among(target: Target, when: npt.NDArray[np.float64] | None, seed: int, among: Rows) -> Split:
    """By time, the newest of `among` are held out, and what is older than they is learned from, if that is most of the
    file; else they are drawn by class."""
    codes, wanted, notes = strata(target), wanted_rows(target), list[str]()
    if when is not None:
        order = np.argsort(np.where(np.isfinite(when), when, -np.inf), kind="stable").astype(np.int64)
        places = np.flatnonzero(np.isin(order, among))[-wanted:]
        development, holdout = order[: places[0]], order[places]
        if len(development) >= len(order) / 2 and rarer_of(target, development) >= FEWEST_HOLDOUT_RARER:
            folds = _forward_folds(target, development) or _folds(np.sort(development), codes, 1, seed)
            return Split("time", development, holdout, folds)
        notes.append("The rows that can judge both versions are spread over time: the split is stratified.")
    everyone = np.arange(len(target.y), dtype=np.int64)
    held = _drawn(everyone, among, codes, min(1.0, wanted / len(among)), np.random.default_rng(seed))
    development = everyone[~held]
    return Split("stratified", development, everyone[held], _folds(development, codes, 1, seed), tuple(notes))


def _enough(target: Target) -> int:
    """Rows that judge surely enough."""
    return max(ENOUGH_HELD, math.ceil(ENOUGH_RARER_HELD * len(target.y) / target.rarer))


def _folds(rows: Rows, codes: npt.NDArray[np.int64], repeats: int, seed: int) -> tuple[tuple[Rows, Rows], ...]:
    """Stratified folds: each class is shuffled and dealt round-robin, going on where the class before stopped."""
    rng = np.random.default_rng(seed)
    folds: list[tuple[Rows, Rows]] = []
    for _ in range(repeats):
        fold = np.empty(len(rows), dtype=np.int64)
        order = np.concatenate([rng.permutation(np.flatnonzero(codes[rows] == c)) for c in np.unique(codes[rows])])
        fold[order] = np.arange(len(rows)) % FOLDS
        folds += [(rows[fold != k], rows[fold == k]) for k in range(FOLDS)]
    return tuple(folds)


def _by_time(target: Target, level: Evidence, when: npt.NDArray[np.float64], seed: int) -> Split:
    known = np.isfinite(when)
    order = np.argsort(np.where(known, when, -np.inf), kind="stable").astype(np.int64)
    notes = [f"{int((~known).sum())} rows have no time and count as the oldest."] if not known.all() else []
    start = _holdout_start(target, order) if level == "full" else len(order)
    if start is None:
        notes.append("The newest rows hold too few of one class to judge by: the split is stratified, not by time.")
        plain = make_split(target, level, None, seed)
        return Split(plain.kind, plain.development, plain.holdout, plain.folds, tuple(notes))
    development = order[:start]
    folds = _forward_folds(target, development)
    if not folds:
        notes.append("The classes change too much over time for forward folds: choices use random folds.")
        folds = _folds(np.sort(development), strata(target), REPEATS[level], seed)
    newest = order[start:]
    if len(newest) > _enough(target):
        newest = newest[np.linspace(0, len(newest) - 1, _enough(target)).astype(np.int64)]
    return Split("time", development, newest, folds, tuple(notes))


def _holdout_start(target: Target, order: Rows) -> int | None:
    for share in (HOLDOUT_SHARE, (HOLDOUT_SHARE + WIDEST_HOLDOUT_SHARE) / 2, WIDEST_HOLDOUT_SHARE):
        start = len(order) - round(share * len(order))
        if rarer_of(target, order[start:]) >= FEWEST_HOLDOUT_RARER <= rarer_of(target, order[:start]):
            return start
    return None


def rarer_of(target: Target, rows: Rows) -> int:
    """Rows of these that carry the scarcer evidence (see `Target.rarer`)."""
    y = target.y[rows]
    if target.task == "value":
        return int((y > 0).sum())
    return min(int((y == code).sum()) for code in range(len(target.labels)))


def _forward_folds(target: Target, ordered: Rows) -> tuple[tuple[Rows, Rows], ...]:
    blocks = np.array_split(ordered, FORWARD_BLOCKS)
    folds = [(np.concatenate(blocks[:k]), blocks[k]) for k in range(2, FORWARD_BLOCKS)]
    fit_for_use = all(min(rarer_of(target, a), rarer_of(target, b)) >= 2 for a, b in folds)
    return tuple(folds) if fit_for_use else ()
