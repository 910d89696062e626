"""The locked hold-out: which rows can judge both the version that serves and the one being trained.

1. Rows that the serving version has not learned from. Half of them at most are held out, since the other half is what
   the new version may be better by; the serving model itself answers them.
2. Else the rows that its proof never saw, its own hold-out, with half of what is new: its proof answers, the same
   recipe without these rows.
3. Else none. Where there are too few rows for a hold-out, the new version's out-of-fold answers to rows new to the
   serving one are taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ml_services.champions.rows import HELD, NEW, Marks
from ml_services.splitting import FEWEST_HOLDOUT_RARER, STANDARD_RARER, Rows, rarer_of, wanted_rows
from ml_services.targets import Target

if TYPE_CHECKING:
    from ml_services.base import Evidence
    from ml_services.champions.rival import Rival
    from ml_services.preparation import Prepared

MOST_OF_NEW = 0.5
NEW_ROWS = "rows that the serving version has not learned from, answered by the model that serves"
HELD_ROWS = "rows that neither version's development saw, answered by what the serving version was judged by"
FOLD_ROWS = "rows new to the serving version; the new one answered each before it had learned from it"


@dataclass(frozen=True, slots=True)
class Lock:
    """`among`: the rows that alone may be held out, None for all. `new`: rows (n,) that the rival has not learned
    from. `by_proof`: the rival's proof answers. `way`: in words; empty where no rows can judge both, and then `why`."""

    among: Rows | None = None
    new: npt.NDArray[np.bool_] | None = None
    by_proof: bool = False
    way: str = ""
    why: str = ""


def lock(rival: Rival | None, prepared: Prepared, level: Evidence, seed: int) -> Lock:
    """For the rows of a new training. Without a rival: as ever."""
    if rival is None:
        return Lock()
    why = rival.obstacle(prepared.table.column_names, prepared.target, prepared.reports)
    if why or rival.known is None:
        return Lock(why=why)
    marks = rival.known.marks(prepared.table)
    return lock_marked(marks, prepared.target, level, seed, has_proof=rival.has_proof, when=prepared.when)


def lock_marked(
    marks: Marks, target: Target, level: Evidence, seed: int, *, has_proof: bool,
    when: npt.NDArray[np.float64] | None = None,
) -> Lock:  # fmt: skip
    """`marks` (n,): what the rival knows of each row of the target; `when` (n,) or None where no column tells."""
    new = marks == NEW
    if level != "full":
        return _by_folds(target, new)
    if new.all():
        return Lock(None, new, False, NEW_ROWS)
    wanted = wanted_rows(target)
    fresh = _half(np.flatnonzero(new), when, seed)
    held = np.union1d(np.flatnonzero(marks == HELD), fresh) if has_proof else fresh[:0]
    ways = [(fresh, False, NEW_ROWS, STANDARD_RARER), (held, True, HELD_ROWS, FEWEST_HOLDOUT_RARER),
            (fresh, False, NEW_ROWS, FEWEST_HOLDOUT_RARER)]  # fmt: skip
    for rows, by_proof, way, fewest in ways:
        if len(rows) and _rarer_held(target, rows, wanted) >= fewest:
            return Lock(rows, new, by_proof, way)
    return Lock(new=new, why=_too_few(target, new))


def _by_folds(target: Target, new: npt.NDArray[np.bool_]) -> Lock:
    if _scarcest(target, np.flatnonzero(new)) < FEWEST_HOLDOUT_RARER:
        return Lock(new=new, why=_too_few(target, new))
    return Lock(None, new, False, FOLD_ROWS)


def _scarcest(target: Target, rows: Rows) -> int:
    return rarer_of(target, rows) if len(rows) else 0


def _rarer_held(target: Target, rows: Rows, wanted: int) -> float:
    """Of the scarcer evidence, what a hold-out drawn from these rows would get."""
    return _scarcest(target, rows) * min(1.0, wanted / len(rows))


def _half(rows: Rows, when: npt.NDArray[np.float64] | None, seed: int) -> Rows:
    """The newest half; without times a random one."""
    most = int(MOST_OF_NEW * len(rows))
    if when is None:
        return np.sort(np.random.default_rng(seed).permutation(rows)[:most])
    times = np.where(np.isfinite(when[rows]), when[rows], -np.inf)
    return np.sort(rows[np.argsort(times, kind="stable")[len(rows) - most :]])


def _too_few(target: Target, new: npt.NDArray[np.bool_]) -> str:
    found = _scarcest(target, np.flatnonzero(new))
    what = "with an amount above zero" if target.task == "value" else "of the rarer class"
    return (
        f"of the {len(new):,} rows {int(new.sum()):,} are new to the serving version, {found:,} of them {what}; "
        f"{FEWEST_HOLDOUT_RARER} are needed to judge both."
    )


__all__ = ["Lock", "lock", "lock_marked"]
