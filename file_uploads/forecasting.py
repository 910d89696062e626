"""A file of series becomes forecasts: read whole, since a series needs all its rows; a row out for every period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from file_uploads.reading import TableFile
from file_uploads.writing import RejectFile, RejectLine, ResultFile
from ml_services.base import Progress
from ml_services.forecasting.model import SeriesModel
from platform_core.errors import InputInvalid

if TYPE_CHECKING:
    from file_uploads.scoring import ScoreReport

READ, FORECAST = 0.3, 0.9
"""Shares of the whole run after reading, and after forecasting."""


def write_forecasts(
    model: SeriesModel,
    source: TableFile,
    results: ResultFile,
    refused: RejectFile,
    report: ScoreReport,
    *,
    prefix: str,
    progress: Progress,
) -> None:
    """Writes the series, the date and the prediction of every period that follows each series. `rows_done` are the
    rows learned from. Raises InputInvalid where no column holds dates or values."""
    table, rows, lines = read(model, source, progress)
    answer = model.forecast_table(table)
    progress("forecasting", FORECAST, f"{len(answer.columns['value']):,} periods")
    lines += [(int(rows[item.position]), item.column, item.value, item.reason) for item in answer.rejects]
    results.write(pa.table({**answer.keys, **{f"{prefix}{name}": cells for name, cells in answer.columns.items()}}))
    refused.write(sorted(lines, key=lambda line: line[0]))
    report.rows_done, report.rows_rejected = len(answer.used), len({line[0] for line in lines})
    report.rows_total = report.rows_done + report.rows_rejected
    report.notes += answer.notes


def read(
    model: SeriesModel, source: TableFile, progress: Progress
) -> tuple[pa.Table, np.ndarray[Any, np.dtype[np.int64]], list[RejectLine]]:
    """The columns needed, the file's number of each row, and what could not be read."""
    names: list[str] = []
    tables, rows = [], []
    lines: list[RejectLine] = []
    for chunk in source.chunks():
        names = names or model.columns_in(chunk.table)
        tables.append(chunk.table.select(names))
        rows.append(chunk.rows)
        lines += [(item.row, item.column, item.value, item.reason) for item in chunk.problems]
        progress("reading", READ * chunk.fraction, "")
    if not tables:
        raise InputInvalid(f"{source.name} has no rows to forecast from.")
    return pa.concat_tables(tables, promote_options="permissive"), np.concatenate(rows), lines


__all__ = ["write_forecasts"]
