"""Columns that appear late and know the answer.

A column that somebody has begun to fill in after the event is empty in the older rows. Over all rows it looks harmless,
and the model that is judged on the newest rows looks wonderful: so such columns are looked at in the newest rows alone,
held-out ones too (a column is only ever taken out by it). Of rows without a time nothing can be said.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ml_services.families import Family, Problem
from ml_services.leakage import ASK_INFORMATION, MOST_ROWS, Suspicion, columns_of, examine
from ml_services.preparation import Prepared
from ml_services.splitting import _folds, strata

WINDOWS = (0.25, 0.1, 0.05)
"""Newest shares of the rows; a column may have been filled in for the last month only."""
FEWEST_RARER = 20
"""Rows of the rarer class in a window: with fewer, a column could tell them by chance."""
LATE = 0.2
"""A column is late where it is known of at most this share of older rows, of that of the window's rows."""
LEAST_KNOWN = 0.005
"""Share of a window's rows of which it is known at least."""


def late_leaks(prepared: Prepared, family: Family, seed: int) -> list[Suspicion]:
    """The late columns that know more of the target in some window than an honest column does: there is no older row
    by which it could be told whether they were known at the time."""
    if prepared.when is None or prepared.target.task == "value":
        return []
    order = np.argsort(np.where(np.isfinite(prepared.when), prepared.when, -np.inf), kind="stable")
    found: dict[str, Suspicion] = {}
    for share in WINDOWS:
        newest, older = order[-math.ceil(share * len(order)) :], order[: -math.ceil(share * len(order))]
        counts = np.unique(prepared.problem.y[newest], return_counts=True)[1]
        late = late_columns(prepared.problem, newest, older)
        if not late or len(counts) < 2 or counts.min() < FEWEST_RARER:
            continue
        part = prepared.problem.part(np.sort(newest[-MOST_ROWS:])).only(late)
        folds = _folds(np.arange(len(part.y)), strata(replace(prepared.target, y=part.y)), 1, seed)
        for one in examine(part, family, folds, seed):
            if (one.leaks or one.information >= ASK_INFORMATION) and one.auc > found.get(one.column, one).auc - 1e-12:
                found[one.column] = one
    return list(found.values())


def late_columns(problem: Problem, newest: npt.NDArray[np.int64], older: npt.NDArray[np.int64]) -> list[int]:
    """The features of the columns that are known of the newest rows and of hardly any older one."""
    late: list[int] = []
    for features in columns_of(problem).values():
        known: npt.NDArray[np.bool_] = np.asarray(np.isfinite(problem.X[:, features]).any(axis=1))
        share = float(known[newest].mean())
        if share >= LEAST_KNOWN and float(known[older].mean()) <= LATE * share:
            late += features
    return late


__all__ = ["late_columns", "late_leaks"]
