"""Forecasts of the series of a table: for its blank rows at the end, or for the periods after its last row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from ml_services.base import Reject
from ml_services.forecasting.cells import Columns, find_columns
from ml_services.forecasting.engine import Forecast, Knowledge, forecast
from ml_services.forecasting.points import Group, groups
from ml_services.forecasting.request import MOST_PERIODS, USUAL_PERIODS
from ml_services.forecasting.series import Series
from platform_core.errors import InputInvalid

if TYPE_CHECKING:
    import pyarrow as pa

PARTS = ("value", "low_80", "high_80", "low_95", "high_95")


@dataclass(slots=True)
class SeriesAnswer:
    """`keys` (the file's own series and date columns) and `columns` (the answer's, without prefix) are as long as
    one another, a row a forecast period. `used`: positions of the rows learned from or asked about; every other row
    of the table has a reject."""

    keys: dict[str, pa.Array]
    columns: dict[str, pa.Array]
    used: np.ndarray[Any, np.dtype[np.int64]]
    rejects: list[Reject]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """A group's forecast; `steps` of the group's rows that come after its last known period, else 0."""

    group: Group
    series: Series
    forecast: Forecast
    row_steps: np.ndarray[Any, np.dtype[np.int64]]


def columns_of(table: pa.Table, learned: Columns | None) -> Columns:
    """Those learned where the table has them, else those that look it. Raises InputInvalid."""
    if learned is not None and learned.fits(table):
        return learned
    try:
        return find_columns(table)
    except ValueError as problem:
        raise InputInvalid(str(problem)) from None


def forecast_groups(
    table: pa.Table, columns: Columns, knowledge: Knowledge, periods: int | None
) -> tuple[list[Found], list[Reject]]:
    """Every series' forecast, and a reject for every row that has none."""
    parts, rejects = groups(table, columns)
    found = []
    for group in parts:
        try:
            found.append(forecast_group(group, knowledge, periods))
        except ValueError as problem:
            reason = f"{group.name or 'the series'} cannot be forecast: {problem}"
            rejects += [Reject(int(place), columns.time, "", reason) for place in group.positions]
    return found, sorted(rejects, key=lambda reject: reject.position)


def forecast_group(group: Group, knowledge: Knowledge, periods: int | None) -> Found:
    series = group.series()
    last = series.rhythm.day(series.last).toordinal()
    steps = np.zeros(len(group.days), dtype=np.int64)
    for place in np.flatnonzero(~group.known & (group.days > last)):
        steps[place] = step_of(series, date.fromordinal(int(group.days[place])))
    asked = int(steps.max()) or periods or USUAL_PERIODS[series.rhythm.frequency]
    if asked > MOST_PERIODS:
        raise ValueError(f"{asked:,} periods are asked for, {MOST_PERIODS} at most can be")
    found = forecast(series.values, series.season, asked, knowledge, daily=series.daily)
    return Found(group, series, found, steps)


def step_of(series: Series, day: date) -> int:
    """How many periods after the last one; 0 for a day that the series is closed on."""
    if series.daily and day.weekday() not in series.rhythm.weekdays:
        return 0
    return max(0, series.rhythm.number(day) - series.last)


def answer_rows(table: pa.Table, learned: Columns | None, knowledge: Knowledge, periods: int | None) -> SeriesAnswer:
    """One row a forecast period of every series."""
    import pyarrow as pa

    columns = columns_of(table, learned)
    found, rejects = forecast_groups(table, columns, knowledge, periods)
    keys: dict[str, list[Any]] = {name: [] for name in (columns.series, columns.time) if name}
    values: dict[str, list[Any]] = {name: [] for name in (*PARTS, "method", "beats_naive")}
    notes = []
    for one in found:
        steps = len(one.forecast.value)
        if columns.series:
            keys[columns.series] += [one.group.name] * steps
        keys[columns.time] += [day.isoformat() for day in one.series.future(steps)]
        for name in PARTS:
            values[name] += getattr(one.forecast, name).tolist()
        values["method"] += [one.forecast.method] * steps
        values["beats_naive"] += [one.forecast.beats_naive] * steps
        notes += [f"{one.group.name}: {note}" if one.group.name else note for note in one.series.notes]
    used = np.sort(np.concatenate([one.group.positions for one in found])) if found else np.zeros(0, dtype=np.int64)
    return SeriesAnswer(
        {name: pa.array(cells, pa.string()) for name, cells in keys.items()},
        {name: pa.array(cells, kind(name)) for name, cells in values.items()},
        used,
        rejects,
        notes,
    )


def kind(name: str) -> pa.DataType:
    import pyarrow as pa

    return {"method": pa.string(), "beats_naive": pa.bool_()}.get(name, pa.float64())
