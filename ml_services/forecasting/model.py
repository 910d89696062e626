"""The model that answers: any history in, its forecast out. Training adds what many series taught."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ml_services.base import Field, FieldProblem, Model, Record, RecordInvalid, TableAnswer
from ml_services.forecasting import request
from ml_services.forecasting.engine import Forecast, Knowledge, forecast
from ml_services.forecasting.reasons import explain as explain_first
from ml_services.forecasting.series import Series, series_of

if TYPE_CHECKING:
    import pyarrow as pa

LITTLE = 2
"""Seasons below which a note says that the season cannot be known yet."""
BOUNDS = ("low_80", "high_80", "low_95", "high_95")


class SeriesModel(Model):
    """Fits each series when asked, in well under a second; nothing of it is kept."""

    fields: tuple[Field, ...] = request.FIELDS

    def __init__(self, knowledge: Knowledge | None = None) -> None:
        self.knowledge = knowledge or Knowledge()

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
        found = forecast(series.values, series.season, periods, self.knowledge, daily=series.rhythm.frequency == "D")
        answer = present(series, found)
        return {**answer, **explain_first(series, found)} if explain else answer

    def answer_table(self, table: pa.Table, *, explain: bool) -> TableAnswer:
        raise NotImplementedError


def present(series: Series, found: Forecast) -> dict[str, Any]:
    """The answer's fields as the API names them."""
    days = series.future(len(found.value))
    columns = {"value": found.value.tolist(), **{name: getattr(found, name).tolist() for name in BOUNDS}}
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
    if not found.windows:
        notes.append(f"{len(series.values)} values are too few for a back-test: the intervals are a rough guess.")
    elif not found.beats_naive:
        notes.append("No method beat repeating the last season in the back-test, so that is the forecast.")
    if series.season > 1 and len(series.values) < LITTLE * series.season:
        notes.append("Less than two full seasons are known, so no season is assumed.")
    return notes
