"""A table becomes series: rows grouped by name, values of the same day summed, bad rows told apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from ml_services.base import Reject
from ml_services.forecasting.cells import Bools, Columns, read_days, read_values
from ml_services.forecasting.request import LEAST_POINTS
from ml_services.forecasting.seasonal import Floats, Ints
from ml_services.forecasting.series import Series, series_of

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 80
"""Characters of a bad cell that a reject repeats."""


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one series, ordered by day: `days` are ordinals, `values` NaN where blank, `positions` in the
    table."""

    name: str
    days: Floats
    values: Floats
    positions: Ints

    @property
    def known(self) -> Bools:
        return ~np.isnan(self.values)

    def series(self, frequency: str | None = None, least: int = LEAST_POINTS) -> Series:
        """The known values as one gapless series of `least` periods or more. Raises ValueError with what is wrong."""
        days, values = self.days[self.known], self.values[self.known]
        distinct, first = np.unique(days, return_index=True)
        if len(distinct) < LEAST_POINTS:
            raise ValueError(f"it has values of {len(distinct)} dates, {least} are needed")
        sums = np.add.reduceat(values, first)
        summed = len(days) - len(distinct)
        dates = [date.fromordinal(int(day)) for day in distinct]
        found = series_of(dates, sums.tolist(), frequency, zero_gaps=summed > 0)
        if len(found.values) < least:
            raise ValueError(f"it has {len(found.values)} periods, {least - len(found.values)} more are needed")
        notes = (f"{summed:,} values of a day that has others were added to them.", *found.notes) if summed else ()
        return Series(found.values, found.rhythm, found.last, notes or found.notes)


def groups(table: pa.Table, columns: Columns) -> tuple[list[Group], list[Reject]]:
    """The series in the order in which the table names them first, and the rows that cannot be read. A row without a
    value is none of those: it may ask for a forecast."""
    days, bad_days = read_days(table.column(columns.time))
    values, bad_values = read_values(table.column(columns.value))
    names, codes = series_names(table, columns)
    blank = np.isnan(days) & ~bad_days
    rejects = [
        *told(table, columns.time, bad_days, "is no date"),
        *told(table, columns.time, blank, "the date is missing"),
        *told(table, columns.value, bad_values & ~bad_days & ~blank, "is no number"),
    ]
    good = np.flatnonzero(~(np.isnan(days) | bad_values))
    good = good[np.lexsort((good, days[good], codes[good]))]
    bounds = np.flatnonzero(np.diff(codes[good])) + 1
    parts = [part for part in np.split(good, bounds) if len(part)]
    found = [Group(names[codes[part[0]]], days[part], values[part], part) for part in parts]
    return found, sorted(rejects, key=lambda reject: reject.position)


def series_names(table: pa.Table, columns: Columns) -> tuple[list[str], Ints]:
    """The names of the series in order of appearance, and the number of its name for each row."""
    if not columns.series:
        return [""], np.zeros(table.num_rows, dtype=np.int64)
    from ml_services.parsing import flat

    encoded = flat(table.column(columns.series)).dictionary_encode()
    names = ["" if name is None else str(name) for name in encoded.dictionary.to_pylist()]
    codes = encoded.indices.fill_null(len(names)).to_numpy()
    return [*names, ""], codes.astype(np.int64)


def told(table: pa.Table, column: str, where: Bools, reason: str) -> list[Reject]:
    places = np.flatnonzero(where)
    cells = table.column(column).take(places).to_pylist()
    return [
        Reject(int(place), column, "" if cell is None else str(cell)[:SHOWN], reason)
        for place, cell in zip(places, cells, strict=True)
    ]
