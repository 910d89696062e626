"""How a column of a training table becomes a column of the matrix: its style, levels, parts and components."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml_services.base import Field
from ml_services.dates import ISO, DateStyle, guess_date_style
from ml_services.encoded_columns import STYLE_SAMPLE, Column, NumberColumn
from ml_services.expanded_columns import AGE, HOUR, LATEST, MONTH, OLDEST, WEEKDAY, DateColumn, TextColumn
from ml_services.level_columns import CategoryColumn, YesNoColumn, declared_levels, learn_levels
from ml_services.parsing import PLAIN, Floats, NumberStyle, flat, guess_number_style, is_text
from ml_services.text_components import TextComponents

if TYPE_CHECKING:
    from ml_services.columns import ColumnReport

SHORTEST_SPAN_FOR_MONTHS_DAYS = 45


def learn_reported(reports: Sequence[ColumnReport], table: pa.Table, *, time_column: str, seed: int) -> list[Column]:
    """Columns for the reports that have a field, from what `profile` found out about their spelling."""
    columns = []
    for report in reports:
        assert report.field is not None  # noqa: S101 - the caller keeps only those with a field
        columns.append(
            _learn(report.field, _column(table, report.name), report.style, report.name == time_column, seed)
        )
    return columns


def learn_declared(fields: Sequence[Field], table: pa.Table, *, time_column: str, seed: int) -> list[Column]:
    """Columns for declared fields; a column that the table lacks is learned from nothing."""
    columns = []
    for field in fields:
        array = _column(table, field.name)
        style: NumberStyle | DateStyle | None = None
        if field.kind in ("number", "integer", "date") and is_text(flat(array).type):
            spellings = [text for text in pc.unique(array).drop_null()[:STYLE_SAMPLE].to_pylist() if text]
            style = guess_date_style(spellings) if field.kind == "date" else guess_number_style(spellings)
        columns.append(_learn(field, array, style, field.name == time_column, seed))
    return columns


def _column(table: pa.Table, name: str) -> pa.ChunkedArray:
    position = table.schema.get_field_index(name)  # -1 where there is none, or two of the name
    return table.column(position) if position >= 0 else pa.chunked_array([pa.array([], pa.string())])


def _learn(
    field: Field, array: pa.ChunkedArray, style: NumberStyle | DateStyle | None, is_time: bool, seed: int
) -> Column:
    if field.kind == "date":
        spelled = style if isinstance(style, DateStyle) else ISO
        column = DateColumn(field, spelled, ())
        return column if is_time else dataclasses.replace(column, parts=_date_parts(column, array))
    if field.kind in ("number", "integer"):
        return NumberColumn(field, style if isinstance(style, NumberStyle) else PLAIN)
    if field.kind == "yes_no":
        return YesNoColumn(field)
    if field.kind == "category":
        return _levels(field, array)
    if field.kind == "text":
        texts = pc.unique(flat(array)).drop_null().to_pylist()
        return TextColumn(field, TextComponents.fit([str(text) for text in texts if str(text).strip()], seed))
    raise TypeError(f"A field of kind {field.kind} has no place in a matrix.")


def _levels(field: Field, array: pa.ChunkedArray) -> CategoryColumn:
    learned = learn_levels(field, array)
    if field.closed or not learned.levels:
        return declared_levels(field)
    return learned


def _date_parts(column: DateColumn, array: pa.ChunkedArray) -> tuple[str, ...]:
    """The age, and those calendar parts that differ within the training table."""
    known = _plausible(column, array)
    if len(known) == 0:
        return (AGE,)
    parts = [AGE]
    if known.max() - known.min() > SHORTEST_SPAN_FOR_MONTHS_DAYS:
        parts.append(MONTH)
    if len(np.unique(np.floor(known) % 7)) > 1:
        parts.append(WEEKDAY)
    if (known % 1 > 0).any():
        parts.append(HOUR)
    return tuple(parts)


def newest_day(columns: Sequence[DateColumn], table: pa.Table) -> float:
    """The newest date of these columns, as days since 1970-01-01; 0 where there is none."""
    known = [_plausible(column, _column(table, column.field.name)) for column in columns]
    return float(max((days.max() for days in known if len(days)), default=0.0))


def _plausible(column: DateColumn, array: pa.ChunkedArray) -> Floats:
    days, bad = column.days(array)
    return days[~bad & (days >= OLDEST) & (days <= LATEST)]
