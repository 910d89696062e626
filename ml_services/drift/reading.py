"""A window of the ledger, counted in the reference's bins while it streams by: the rows themselves are never held.

A cursor of the database gives them block by block, newest first, so that of several rows of one external id the first
is the latest; the others are left out, since the same customer scored every night would pass for thirty. The records
are parsed by a struct made for the version's columns: what it does not name is skipped unread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import astuple

from ml_services.drift.bins import Bins
from ml_services.drift.blocks import blocks
from ml_services.drift.reference import SCORES, Reference
from request_logs.identifiers import first_at

Floats = npt.NDArray[np.float64]
ROWS = """
SELECT CASE WHEN own THEN external_id END, CASE WHEN own AND NOT redacted ? '*' THEN input::text END,
       CASE WHEN own THEN output ->> %(score)s END, CASE WHEN own THEN output ->> %(name)s END
FROM (
    SELECT external_id, redacted, input, output,
           version = %(version)s AND version_company IS NOT DISTINCT FROM %(owner)s AS own
    FROM request_logs_prediction
    WHERE company_id = %(company)s AND predictor = %(predictor)s AND id >= %(since)s AND id < %(until)s
    ORDER BY id DESC LIMIT %(most)s
) AS found
"""
TYPES: dict[str, Any] = {"number": float | None, "level": str | int | float | bool | None, "text": str | None}


@dataclass
class Window:
    """`read` rows of the ledger; of them `others` are of other versions, `repeated` of an external id that a later
    one has; `rows` count. `unreadable`: whose record does not hold what the version takes, and `erased`: whose record
    is gone; of both only the answer counts. `columns`, `score`, `names`: counts by bin."""

    columns: list[Floats]
    score: Floats | None = None
    names: Floats | None = None
    read: int = 0
    rows: int = 0
    repeated: int = 0
    others: int = 0
    unreadable: int = 0
    erased: int = 0
    full: bool = False


def count(reference: Reference, company_id: int, since: datetime, until: datetime, most: int) -> Window:
    """`most`: rows read at most, the newest; `full` says that there may be more."""
    window = Window([np.zeros(len(column.bins.before)) for column in reference.columns])
    parser, seen = Parser(reference), set[str]()
    for block in blocks(ROWS, _asked(reference, company_id, since, until, most)):
        window.read += len(block)
        kept = []
        for row in block:
            mark = row[0]
            if mark is None:
                window.others += 1
            elif mark and mark in seen:
                window.repeated += 1
            else:
                kept.append(row)
                if mark:
                    seen.add(mark)
        if kept:
            window.rows += len(kept)
            _count_block(window, reference, parser, kept)
    window.full = window.read >= most
    return window


def _asked(reference: Reference, company_id: int, since: datetime, until: datetime, most: int) -> dict[str, Any]:
    task, outputs = reference.predictor.task, reference.predictor.outputs
    return {
        "company": company_id, "predictor": reference.version.predictor, "version": reference.version.version,
        "owner": reference.version.company_id, "since": first_at(since), "until": first_at(until), "most": most,
        "score": SCORES.get(task, ""), "name": outputs[0].name,
    }  # fmt: skip


def _count_block(window: Window, reference: Reference, parser: Parser, block: Sequence[tuple[Any, ...]]) -> None:
    records = [row[1] for row in block if row[1] is not None]
    window.erased += len(block) - len(records)
    if reference.columns and records:
        parsed, bad = parser.records(records)
        window.unreadable += bad
        by_column = zip(*map(astuple, parsed), strict=True)
        for position, (column, values) in enumerate(zip(reference.columns, by_column, strict=False)):
            window.columns[position] += column.bins.counted(column.ready(values) if column.ready else values)
    if reference.score is not None:
        window.score = _added(window.score, reference.score, [_number(row[2]) for row in block])
    if reference.names is not None:
        window.names = _added(window.names, reference.names, [row[3] for row in block])


def _added(counts: Floats | None, bins: Bins, values: Sequence[Any]) -> Floats:
    found = bins.counted(values)
    return found if counts is None else counts + found


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


class Parser:
    """Reads records into structs with an attribute `c<position>` for each column."""

    def __init__(self, reference: Reference) -> None:
        fields = [(f"c{k}", TYPES[column.kind], None) for k, column in enumerate(reference.columns)]
        names = {f"c{k}": column.field for k, column in enumerate(reference.columns)}
        self.made = msgspec.defstruct("Record", fields, rename=names, gc=False) if fields else None
        self.decode = msgspec.json.Decoder(self.made).decode if self.made else None

    def records(self, texts: Sequence[str]) -> tuple[list[Any], int]:
        """The structs, and how many records were none."""
        assert self.decode is not None  # noqa: S101 - asked for columns alone
        decode = self.decode
        try:
            return [decode(text) for text in texts], 0
        except msgspec.ValidationError:
            found = [self._one(text) for text in texts]
            good = [one for one in found if one is not None]
            return good, len(found) - len(good)

    def _one(self, text: str) -> Any:
        try:
            return self.decode(text) if self.decode else None
        except msgspec.ValidationError:
            return None


__all__ = ["Window", "count"]
