"""Rows out of the ledger as columns of numbers: the database works them out and sends them in its binary form, so
that a million predictions are a second's parsing and no JSON is ever held here."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from ml_services.scoreboard.answered import ANSWERS, Answered, parameters
from ml_services.scoreboard.questions import Question
from platform_core.row_security import SETTING

Floats = npt.NDArray[np.float64]
MOST_ROWS = 2_000_000
"""Of the newest predictions: what a web process can hold beside its work."""
HEAD, LENGTH = struct.Struct(">11s i i h"), struct.Struct(">i")
"""Of PostgreSQL's binary form ("COPY"): signature, flags, extension and number of fields before the one row; and the
length of each field in bytes, -1 where there are no rows. A message a row would cost ten times as much."""
PLACE = "array_position(%(known)s::text[], concat(answers.version, '@', answers.version_company))"
COMMON = (
    ("place", "answers.place::float8"),
    ("record", "CASE answers.external_id WHEN '' THEN 0 ELSE hashtextextended(answers.external_id, 0) END"),
    ("at", "extract(epoch FROM answers.created_at)::float8"),
    ("took", "extract(epoch FROM came.occurred_at - answers.created_at)::float8"),
)
SENT = (
    "string_agg(float8send(coalesce({0}, 'NaN'::float8)), '')",
    "string_agg(int8send({0}), '')",
)
ROWS = """
COPY (
    WITH {answers}
    SELECT {columns} FROM (
        SELECT {read}
        FROM (SELECT *, {place} AS place FROM answers WHERE created_at <= %(until)s) AS answers
        LEFT JOIN request_logs_outcome AS report
          ON report.company_id = %(company)s AND report.prediction_id = answers.id AND report.current
         AND report.occurred_at <= %(until)s
        CROSS JOIN LATERAL (
            SELECT report.occurred_at,
                   CASE WHEN answers.part THEN report.value -> %(predictor)s ELSE report.value END AS value
        ) AS came
        {joins}
        WHERE answers.created_at <= %(until)s - make_interval(days => (%(days)s::int[])[answers.place])
           OR (answers.place IS NOT NULL AND answers.external_id <> '' AND report.id IS NOT NULL)
        {newest}
    ) AS rows
) TO STDOUT (FORMAT binary)
"""
NEWEST = f"ORDER BY answers.id DESC LIMIT {MOST_ROWS}"


@dataclass(frozen=True, slots=True)
class Rows:
    """Predictions, the oldest first. `record`: a number for each external id (a hash of 64 bits), 0 without;
    `at`, `took`: when, in seconds since 1970, and how much later the outcome occurred; NaN where none came.
    The further columns are those of the question."""

    place: npt.NDArray[np.int64]
    record: npt.NDArray[np.int64]
    at: Floats
    took: Floats
    more: dict[str, Floats]

    def taken(self, rows: Any) -> Rows:
        """Some of the rows."""
        more = {name: values[rows] for name, values in self.more.items()}
        return Rows(self.place[rows], self.record[rows], self.at[rows], self.took[rows], more)

    def __len__(self) -> int:
        return len(self.at)


def read(predictor: str, answered: Sequence[Answered], asked: Question, until: datetime) -> Rows:
    """The rows of these versions whose horizon has closed by then; and, since an outcome is reported on the latest
    prediction of a record though it answers an earlier one, younger ones with an outcome. One query."""
    every = (*COMMON, *asked.columns)
    read = ", ".join(f"{sql} AS {name}" for name, sql in every)
    columns = ", ".join(SENT[name == "record"].format(name) for name, _ in every)
    many = sum(one.answers for one in answered) > MOST_ROWS
    joined = {"columns": columns, "read": read, "joins": asked.joins, "newest": NEWEST if many else "", "place": PLACE}
    known = {
        "known": [f"{one.version}@{'' if one.company is None else one.company}" for one in answered],
        "days": [one.horizon.days for one in answered],
    }
    given = parameters(predictor, until) | asked.named | known
    found = parsed(_copied(ROWS.format(answers=ANSWERS, **joined), given), [name for name, _ in every])
    order = np.argsort(found["at"], kind="stable")
    place, record, at, took = (found[name][order] for name in ("place", "record", "at", "took"))
    more = {name: np.ascontiguousarray(found[name][order], dtype=np.float64) for name, _ in asked.columns}
    return Rows(
        place.astype(np.int64) - 1, record.astype(np.int64), at.astype(np.float64), took.astype(np.float64), more
    )


def _copied(statement: str, given: dict[str, Any]) -> bytes:
    """The answer to a COPY, under the scope in force: the first statement says it for the whole transaction."""
    with transaction.atomic():
        with connection.cursor() as scoped:
            scoped.execute(f"SELECT current_setting('{SETTING}', true)")
        with connection.connection.cursor() as cursor, cursor.copy(statement, given) as copy:
            return b"".join(copy)


def parsed(data: bytes, names: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """The columns by name: each is one field of the one row, its numbers of eight bytes one after another."""
    found, offset = {}, HEAD.size
    for name in names:
        length = max(LENGTH.unpack_from(data, offset)[0], 0)
        offset += LENGTH.size
        found[name] = np.frombuffer(data, ">i8" if name == "record" else ">f8", length // 8, offset)
        offset += length
    return found


__all__ = ["MOST_ROWS", "Rows", "parsed", "read"]
