"""From records and tables to the matrix that models see; one encoder for the single row, the batch and training.

The single row goes through plain closures and never sees numpy; a test proves that all ways give equal floats.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ml_services.base import Field, Record, Reject
from ml_services.encoded_columns import Column, Feature
from ml_services.expanded_columns import LATEST, OLDEST, DateColumn, TextColumn
from ml_services.learned_columns import learn_declared, learn_reported, newest_day
from ml_services.parsing import Bools, Floats
from ml_services.record_check import problems_of
from ml_services.value_problems import ABSENT, Unfit
from platform_core.errors import InputInvalid, RecordInvalid

if TYPE_CHECKING:
    from ml_services.columns import ColumnReport

LONGEST_CELL_SHOWN = 100
Row = list[float]


class Encoder:
    """`fields` in the file's order; `features` name the matrix's columns. Columns with several features (dates,
    texts) come last in the matrix. `extras` are columns of the training file that are not used: a record may hold
    them, and they are not looked at."""

    def __init__(
        self, columns: Sequence[Column], *, time_field: str = "", reference: float = 0.0, extras: Sequence[str] = ()
    ) -> None:
        self.fields: tuple[Field, ...] = tuple(column.field for column in columns)
        self.columns = tuple(sorted(columns, key=lambda column: isinstance(column, DateColumn | TextColumn)))
        self.features: tuple[Feature, ...] = tuple(f for column in self.columns for f in column.features())
        self.time_field = time_field
        self.reference = reference
        self.extras = frozenset(extras)
        self.encode_one: Callable[[Record], Row] = self._compiled()

    @classmethod
    def fit(cls, reports: Sequence[ColumnReport], table: pa.Table, *, time_column: str = "", seed: int = 42) -> Encoder:
        """Learns levels, date parts, text components and the reference date from `table`, for the columns that
        `profile` reported as used."""
        used = [report for report in reports if report.used and report.field is not None]
        columns = learn_reported(used, table, time_column=time_column, seed=seed)
        extras = [report.name for report in reports if not report.used and report.kind != "target"]
        return cls._learned(columns, table, time_column, extras)

    @classmethod
    def declared(cls, fields: Sequence[Field], table: pa.Table, *, time_column: str = "", seed: int = 42) -> Encoder:
        """The schema is the predictor's own fields, kinds and bounds; `table` teaches levels and spellings."""
        require_columns(fields, table)
        return cls._learned(learn_declared(fields, table, time_column=time_column, seed=seed), table, time_column, ())

    @classmethod
    def _learned(cls, columns: Sequence[Column], table: pa.Table, time: str, extras: Sequence[str]) -> Encoder:
        dates = [column for column in columns if isinstance(column, DateColumn)]
        timed = [column for column in dates if column.field.name == time]
        reference = newest_day(timed or dates, table)
        return cls(columns, time_field=time if timed else "", reference=reference, extras=extras)

    def __reduce__(self) -> tuple[Callable[..., Encoder], tuple[Any, ...]]:
        order = {field.name: position for position, field in enumerate(self.fields)}
        columns = sorted(self.columns, key=lambda column: order[column.field.name])
        return _rebuilt, (columns, self.time_field, self.reference, tuple(sorted(self.extras)))

    def _compiled(self) -> Callable[[Record], Row]:
        readers = {column.field.name: column.reader() for column in self.columns}
        wide = [column for column in self.columns if isinstance(column, DateColumn | TextColumn)]
        expanded = [(column.field.name, readers[column.field.name], column.expand) for column in wide]
        singles = [(name, read) for name, read in readers.items() if name not in {name for name, _, _ in expanded}]
        known = self.extras.union(readers)
        time_field, newest, absent = self.time_field, self.reference, ABSENT
        read_time = readers.get(time_field)

        def encode(record: Record) -> Row:
            try:
                get = record.get
                row = [read(get(name, absent)) for name, read in singles]
                if expanded:
                    moment = newest if read_time is None else read_time(get(time_field, absent))
                    reference = moment if OLDEST <= moment <= LATEST else newest
                    for name, read, expand in expanded:
                        row += expand(read(get(name, absent)), reference)
                fits = record.keys() <= known
            except (Unfit, AttributeError):
                fits = False
            if not fits:
                raise RecordInvalid(problems_of({f.name: readers[f.name] for f in self.fields}, record, known))
            return row

        return encode

    def encode_many(
        self, records: Sequence[Record]
    ) -> tuple[Floats, npt.NDArray[np.int64], list[tuple[int, RecordInvalid]]]:
        """The matrix of the good records, their positions, and the bad ones as (position, problem)."""
        rows, positions, refused = [], [], []
        for position, record in enumerate(records):
            try:
                rows.append(self.encode_one(record))
                positions.append(position)
            except RecordInvalid as problem:
                refused.append((position, problem))
        matrix = np.array(rows, dtype=np.float64).reshape(len(rows), len(self.features))
        return matrix, np.array(positions, dtype=np.int64), refused

    def encode_table(self, table: pa.Table) -> tuple[Floats, npt.NDArray[np.int64], list[Reject]]:
        """The matrix of the good rows, their positions, and a reject for every cell that does not fit."""
        require_columns(self.fields, table)
        count, names = table.num_rows, {name: k for k, name in enumerate(table.schema.names)}
        matrix = np.empty((count, len(self.features)), dtype=np.float64)
        good = np.ones(count, dtype=np.bool_)
        rejects: list[Reject] = []
        reference = self._references(table)
        start = 0
        for column in self.columns:
            width = len(column.features())
            position = names.get(column.field.name, -1)
            if position < 0:
                matrix[:, start : start + width] = math.nan
            else:
                values, bad = column.many(table.column(position), reference)
                matrix[:, start : start + width] = values.reshape(count, width)
                if bad.any():
                    good &= ~bad
                    rejects += _rejects(column, table.column(position), bad)
            start += width
        positions = np.flatnonzero(good).astype(np.int64)
        rejects.sort(key=lambda reject: reject.position)
        return (matrix if len(positions) == count else matrix[positions]), positions, rejects

    def _references(self, table: pa.Table) -> Floats | float:
        """What ages are measured from: the row's own time where there is one, else the newest of training."""
        if self.time_field not in table.schema.names:
            return self.reference
        column = next(column for column in self.columns if column.field.name == self.time_field)
        days, _ = column.days(table.column(table.schema.names.index(self.time_field)))  # type: ignore[attr-defined]
        return np.where((days >= OLDEST) & (days <= LATEST), days, self.reference)


def _rebuilt(columns: Sequence[Column], time_field: str, reference: float, extras: Sequence[str]) -> Encoder:
    return Encoder(columns, time_field=time_field, reference=reference, extras=extras)


def _rejects(column: Column, array: pa.ChunkedArray, bad: Bools) -> list[Reject]:
    where = np.flatnonzero(bad)
    cells = ["" if cell is None else str(cell) for cell in array.take(pa.array(where)).to_pylist()]
    reasons = {cell: column.reason(cell) for cell in set(cells)}
    name = column.field.name
    return [
        Reject(int(position), name, cell[:LONGEST_CELL_SHOWN], reasons[cell])
        for position, cell in zip(where, cells, strict=True)
    ]


def require_columns(fields: Sequence[Field], table: pa.Table) -> None:
    """Raises InputInvalid naming every required column that the table lacks."""
    names = table.schema.names
    lacking = [field.name for field in fields if field.required and field.name not in names]
    if not lacking:
        return
    told = []
    for name in lacking:
        near = difflib.get_close_matches(name.casefold(), [other.casefold() for other in names], 1)
        other = next((other for other in names if near and other.casefold() == near[0]), "")
        told.append(f"{name!r} (is it {other!r}?)" if other else repr(name))
    raise InputInvalid(f"The table lacks the column{'s' if len(lacking) > 1 else ''} {', '.join(told)}.")


__all__ = ["Encoder", "Feature", "require_columns"]
