"""Records out of the database as frames: copied as CSV, since a million rows of Python objects would take minutes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
from django.db import connection, transaction

from platform_core.records.kinds import Column, Kind
from platform_core.tenancy import current_company

SELECTED = {
    "moment": "extract(epoch FROM {0})::float8",
    "yes_no": "CASE WHEN {0} THEN 'yes' WHEN NOT {0} THEN 'no' END",
    "object": "{0}::text",
    "list": "{0}::text",
}
ALWAYS = {"id": pa.int64(), "source": pa.string(), "external_id": pa.string(), "known_since": pa.float64()}
KNOWN_THEN = """
SELECT id, source, external_id, extract(epoch FROM known_since)::float8 AS known_since, {columns} FROM {table}
WHERE company_id = %(company)s AND ({moment} <= to_timestamp(%(until)s) OR id IN (
    SELECT record_id FROM records_recordchange
    WHERE company_id = %(company)s AND kind = %(kind)s AND until > to_timestamp(%(until)s)
))
"""
"""A record that has changed since may have had another time then."""
CHANGES = """
SELECT record_id AS id, extract(epoch FROM until)::float8 AS until, one.key AS field,
    CASE WHEN one.key = ANY(%(moments)s) THEN extract(epoch FROM (one.value #>> '{{}}')::timestamptz)::text
        WHEN jsonb_typeof(one.value) = 'boolean' THEN CASE WHEN one.value = 'true' THEN 'yes' ELSE 'no' END
        ELSE one.value #>> '{{}}' END AS value
FROM records_recordchange, jsonb_each(was) AS one
WHERE company_id = %(company)s AND kind = %(kind)s AND one.key = ANY(%(names)s)
ORDER BY until, records_recordchange.id
"""


@dataclass(frozen=True, slots=True)
class Known:
    """Records of a kind with today's values, and what they said before. Times are seconds since 1970, UTC."""

    rows: pd.DataFrame
    changes: pd.DataFrame

    def at(self, cut: float | pd.Series) -> pd.DataFrame:
        """The rows as they were known at a time, or each at its own (`cut` by row)."""
        limit = cut if isinstance(cut, float) else self.changes["id"].map(pd.Series(cut.values, self.rows["id"].values))
        later = self.changes[self.changes["until"] > limit].drop_duplicates(["id", "field"])
        if later.empty:
            return self.rows
        rows = self.rows.copy()
        for name, part in later.groupby("field", sort=True):
            touched = rows["id"].isin(part["id"])
            values = rows.loc[touched, "id"].map(part.set_index("id")["value"])
            number = pd.api.types.is_numeric_dtype(rows[name])
            rows.loc[touched, name] = pd.to_numeric(values) if number else values
        return rows


def known(kind: Kind, names: tuple[str, ...], until: float) -> Known:
    """The records of the company in force that happened until then, with these columns (`customer_id` too where the
    kind has owners)."""
    columns = {one.name: one for one in kind.columns if one.name in names}
    selected = [f"{SELECTED.get(one.kind, '{0}').format(one.name)} AS {one.name}" for one in columns.values()]
    types = {**ALWAYS, **{name: _type(one) for name, one in columns.items()}}
    if kind.owned:
        selected.append("customer_id")
        types["customer_id"] = pa.float64()
    values = {"company": current_company(), "kind": kind.name, "until": until}
    sql = KNOWN_THEN.format(columns=", ".join(selected), table=f'"{kind.table}"', moment=kind.moment)
    moments = [name for name, one in columns.items() if one.kind == "moment"]
    changed = copied(
        CHANGES.format(),
        {**values, "moments": moments, "names": list(columns)},
        {"id": pa.int64(), "until": pa.float64(), "field": pa.string(), "value": pa.string()},
    )
    return Known(copied(sql, values, types), changed)


def copied(sql: str, values: dict[str, Any], types: Mapping[str, pa.DataType]) -> pd.DataFrame:
    """The rows of a query."""
    buffer = io.BytesIO()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT")  # says the scope, which then holds for the transaction
        with cursor.cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv, HEADER)", values) as parts:
            for part in parts:
                buffer.write(part)
    buffer.seek(0)
    table = pa_csv.read_csv(
        buffer,
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict(types), strings_can_be_null=True, quoted_strings_can_be_null=False
        ),
    )
    return table.to_pandas()


def _type(column: Column) -> pa.DataType:
    return pa.float64() if column.kind in ("moment", "amount") else pa.string()


__all__ = ["Known", "copied", "known"]
