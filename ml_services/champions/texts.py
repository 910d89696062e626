"""Labelled texts as the rows that judge two versions: told by their text alone.

Texts that differ only in case or spaces are one text to a model of words. Where a file holds several of them, they
judge nothing, since one would be held out and its twin learned from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ml_services.champions.holdout import Lock, lock_marked
from ml_services.champions.rival import NO_ROWS, Rival
from ml_services.champions.rows import LEARNED, KnownRows, digests
from ml_services.splitting import Rows
from ml_services.targets import Target

if TYPE_CHECKING:
    from ml_services.base import Evidence

OTHER_TEXT = "{version}, which serves, reads the texts of '{before}', the new one those of '{now}'."


def as_table(column: str, texts: Sequence[str]) -> pa.Table:
    """Texts under the name of their column."""
    return pa.table({column: pa.array(texts, pa.string())})


def known_texts(column: str, texts: Sequence[str], learning: Rows) -> KnownRows | None:
    """The texts learned from, `learning` by the proof too."""
    table = as_table(column, texts)
    _, each = np.unique(digests(table, (column,)), return_inverse=True)
    learned = np.zeros(len(texts), bool)
    learned[each[learning]] = True
    return KnownRows.of(table, (column,), learned[each])


def lock_texts(
    rival: Rival | None, column: str, texts: Sequence[str], target: Mapping[str, Any], y: npt.NDArray[np.float64],
    level: Evidence, seed: int,
) -> Lock:  # fmt: skip
    """See `holdout.lock`. `target`: as on the card; `y` (n,) 0 or 1, what is in between counts for neither side."""
    if rival is None:
        return Lock()
    why = obstacle(rival, column, target)
    if why or rival.known is None:
        return Lock(why=why)
    table = as_table(column, texts)
    marks = rival.known.marks(table)
    _, each, count = np.unique(digests(table, (column,)), return_inverse=True, return_counts=True)
    marks[count[each] > 1] = LEARNED
    sides = Target(str(target["name"]), "binary", y, np.arange(len(y), dtype=np.int64), ("no", "yes"), 0)
    return lock_marked(marks, sides, level, seed, has_proof=rival.has_proof)


def obstacle(rival: Rival, column: str, target: Mapping[str, Any]) -> str:
    """Why it cannot be compared with a training on these texts and labels; empty where it can."""
    if rival.model is None:
        return rival.gone
    before = rival.model.fields[0].name
    if before != column:
        return OTHER_TEXT.format(version=rival.version, before=before, now=column)
    return rival.other_target(target) or ("" if rival.known else NO_ROWS.format(version=rival.version))


__all__ = ["as_table", "known_texts", "lock_texts", "obstacle"]
