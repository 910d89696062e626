"""Rows out of the ledger as columns of numbers: the database works them out and sends them in its binary form, so
that a million predictions are a second's parsing and no JSON is ever held here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from ml_services.scoreboard.answered import ANSWERS, Answered, parameters
from ml_services.scoreboard.questions import Question
from platform_core.row_security import SETTING

Floats = npt.NDArray[np.float64]
MOST_ROWS = 2_000_000
"""Of the newest predictions: what a web process can hold beside its work."""
HEAD, TAIL = 19, 2
"""Bytes before and after the rows (PostgreSQL, "COPY", binary format): signature, flags, extension; end mark."""
COMMON = (
    ("place", "known.place"),
    ("record", "CASE answers.external_id WHEN '' THEN 0 ELSE hashtextextended(answers.external_id, 0) END"),
    ("at", "extract(epoch FROM answers.created_at)::float8"),
    ("took", "extract(epoch FROM came.occurred_at - answers.created_at)::float8"),
)
ROWS = """
COPY (
    WITH {answers}
    SELECT {columns}
    FROM answers
    JOIN jsonb_to_recordset(%(known)s::jsonb) AS known(place float8, version text, company bigint, days int)
      ON known.version = answers.version AND known.company = coalesce(answers.version_company, 0)
    LEFT JOIN request_logs_outcome AS report
      ON report.company_id = %(company)s AND report.prediction_id = answers.id AND report.current
     AND report.occurred_at <= %(until)s
    CROSS JOIN LATERAL (
        SELECT report.occurred_at,
               CASE WHEN answers.part THEN report.value -> %(predictor)s ELSE report.value END AS value
    ) AS came
    {joins}
    WHERE answers.created_at <= %(until)s - make_interval(days => known.days)
       OR (answers.created_at <= %(until)s AND answers.external_id <> '' AND report.id IS NOT NULL)
    {newest}
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
    names = [name for name, _ in (*COMMON, *asked.columns)]
    columns = ", ".join(
        sql if name == "record" else f"coalesce({sql}, 'NaN'::float8)" for name, sql in (*COMMON, *asked.columns)
    )
    known = [
        {"place": place, "version": one.version, "company": one.company or 0, "days": one.horizon.days}
        for place, one in enumerate(answered)
    ]
    many = sum(one.answers for one in answered) > MOST_ROWS
    statement = ROWS.format(answers=ANSWERS, columns=columns, joins=asked.joins, newest=NEWEST if many else "")
    found = parsed(
        _copied(statement, parameters(predictor, until) | asked.named | {"known": msgspec.json.encode(known).decode()}),
        names,
    )
    order = np.argsort(found["at"], kind="stable")
    place, record, at, took = (found[name][order] for name in ("place", "record", "at", "took"))
    more = {name: np.ascontiguousarray(found[name][order], dtype=np.float64) for name, _ in asked.columns}
    return Rows(place.astype(np.int64), record.astype(np.int64), at.astype(np.float64), took.astype(np.float64), more)


def _copied(statement: str, given: dict[str, Any]) -> bytes:
    """The answer to a COPY, under the scope in force: the first statement says it for the whole transaction."""
    with transaction.atomic():
        with connection.cursor() as scoped:
            scoped.execute(f"SELECT current_setting('{SETTING}', true)")
        with connection.connection.cursor() as cursor, cursor.copy(statement, given) as copy:
            return b"".join(copy)


def parsed(data: bytes, names: Sequence[str]) -> npt.NDArray[np.void]:
    """Rows of eight-byte fields, none null: each has the count of its fields, and before each field its length."""
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for name in names:
        fields += [(f"length of {name}", ">i4"), (name, ">i8" if name == "record" else ">f8")]
    layout = np.dtype(fields)
    count, rest = divmod(len(data) - HEAD - TAIL, layout.itemsize)
    if rest:
        raise ValueError("the database sent rows of another length")
    return np.frombuffer(data, dtype=layout, count=count, offset=HEAD)


__all__ = ["MOST_ROWS", "Rows", "parsed", "read"]
