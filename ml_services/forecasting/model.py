"""The model that answers: any history in, its forecast out. Training adds what many series taught."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ml_services.base import Field, FieldProblem, Model, Record, RecordInvalid, TableAnswer
from ml_services.forecasting import request
from ml_services.forecasting.cells import Columns
from ml_services.forecasting.engine import Forecast, Knowledge, forecast
from ml_services.forecasting.outliers import usual
from ml_services.forecasting.reasons import explain as explain_first
from ml_services.forecasting.series import Series, series_of
from ml_services.forecasting.tables import PARTS, SeriesAnswer, answer_rows, columns_of, forecast_groups

if TYPE_CHECKING:
    import pyarrow as pa

MOST_OUTLIERS = 5
"""Values out of line that are named, the latest ones."""
LITTLE = 2
"""Seasons below which a note says that the season cannot be known yet."""


class SeriesModel(Model):
    """Fits each series when asked, in well under a second; nothing of it is kept. `columns` of a file and `steps` to
    forecast of it are those of the training, where it named them."""

    fields: tuple[Field, ...] = request.FIELDS

    def __init__(
        self, knowledge: Knowledge | None = None, columns: Columns | None = None, steps: int | None = None
    ) -> None:
        self.knowledge, self.steps = knowledge or Knowledge(), steps
        self.columns = columns

    def warm(self) -> None:
        """Loads the libraries that the first answer would have to wait for."""
        import lightgbm  # noqa: F401

    def answer(self, record: Record, *, explain: bool) -> dict[str, Any]:
        asked = request.check(record)
        try:
            series = series_of(asked.days, asked.values, asked.frequency, zero_gaps=False)
        except ValueError as problem:
            raise RecordInvalid([FieldProblem("history", "out_of_range", str(problem))]) from None
        periods = asked.periods or request.USUAL_PERIODS[series.rhythm.frequency]
        found = forecast(series.values, series.season, periods, self.knowledge, daily=series.daily)
        answer = present(series, found)
        return {**answer, **explain_first(series, found)} if explain else answer

    def columns_in(self, table: pa.Table) -> list[str]:
        """The columns of a table that a forecast needs: date, value, and series where there is one."""
        columns = columns_of(table, self.columns)
        return [name for name in (columns.series, columns.time, columns.value) if name]

    def forecast_table(self, table: pa.Table, periods: int | None = None) -> SeriesAnswer:
        """The periods that follow each series of a whole table: as far as its rows without a value reach, else
        `periods`, else as many as the rhythm suggests. Raises InputInvalid where no column holds dates or values."""
        return answer_rows(table, self.columns, self.knowledge, periods or self.steps)

    def answer_table(self, table: pa.Table, *, explain: bool) -> TableAnswer:
        """A row for every row of the table: the forecast where it has no value and comes after the last that has one,
        else blank."""
        import pyarrow as pa

        columns = columns_of(table, self.columns)
        found, rejects = forecast_groups(table, columns, self.knowledge, None)
        cells = np.full((len(PARTS), table.num_rows), np.nan)
        answered = np.zeros(table.num_rows, dtype=np.bool_)
        for one in found:
            answered[one.group.positions] = True
            asks = one.row_steps > 0
            steps, rows = one.row_steps[asks] - 1, one.group.positions[asks]
            for part, name in enumerate(PARTS):
                cells[part, rows] = getattr(one.forecast, name)[steps]
        kept = np.flatnonzero(answered)
        values = {name: pa.array(cells[part, kept], from_pandas=True) for part, name in enumerate(PARTS)}
        return TableAnswer(kept, values, rejects)


def present(series: Series, found: Forecast) -> dict[str, Any]:
    """The answer's fields as the API names them."""
    days = series.future(len(found.value))
    columns = {name: getattr(found, name).tolist() for name in PARTS}
    rows = [
        {"date": day.isoformat(), **{name: column[step] for name, column in columns.items()}}
        for step, day in enumerate(days)
    ]
    return {
        "forecast": rows,
        "beats_naive": found.beats_naive,
        "method": found.method,
        "weights": found.weights,
        "frequency": series.rhythm.frequency,
        "season_length": series.season,
        "mase": found.mase,
        "naive_mase": found.naive_mase,
        "backtest_windows": found.windows,
        "notes": [*series.notes, *remarks(series, found)],
    }


def remarks(series: Series, found: Forecast) -> list[str]:
    """What a reader of the forecast should know about its footing."""
    notes = []
    places, _ = usual(series.values, series.season)
    for place in places[-MOST_OUTLIERS:]:
        day = series.rhythm.day(series.last - len(series.values) + 1 + int(place))
        notes.append(
            f"The value of {day} ({series.values[place]:g}) is far out of line: the forecast does not follow it."
        )
    if not found.windows:
        notes.append(f"{len(series.values)} values are too few for a back-test: the intervals are a rough guess.")
    elif not found.beats_naive:
        notes.append("No method beat repeating the last season in the back-test, so that is the forecast.")
    if series.season > 1 and len(series.values) < LITTLE * series.season:
        notes.append("Less than two full seasons are known, so no season is assumed.")
    return notes
