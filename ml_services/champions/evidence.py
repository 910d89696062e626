"""What a training leaves behind so that the next one can be compared with it, and it with the one before."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ml_services.base import Exam
from ml_services.champions.holdout import Lock
from ml_services.champions.rows import KnownRows
from ml_services.splitting import Split

if TYPE_CHECKING:
    from ml_services.card_facts import Outcome
    from ml_services.preparation import Prepared


def known_rows(prepared: Prepared, split: Split) -> KnownRows | None:
    """The rows learned from, told by the columns used and the id columns; those that the proof has not seen."""
    columns = [report.name for report in prepared.reports if report.used or report.kind == "id"]
    proof = np.zeros(prepared.table.num_rows, dtype=bool)
    proof[split.development] = True
    return KnownRows.of(prepared.table, columns, proof)


def exam(prepared: Prepared, outcome: Outcome, locked: Lock) -> Exam:
    """The rows judged; of out-of-fold answers only those to rows that the rival has not learned from."""
    rows, truth, said = outcome.rows, outcome.truth, outcome.said
    if outcome.proof is None and locked.new is not None:
        mine = locked.new[rows]
        rows, truth, said = rows[mine], truth[mine], said[mine]
    slim = dataclasses.replace(locked, among=None, new=None)
    return Exam(prepared.table.take(pa.array(rows)), truth, said, slim)


__all__ = ["exam", "known_rows"]
