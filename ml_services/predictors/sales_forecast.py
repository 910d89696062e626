"""How much will be sold in the next periods?"""

from __future__ import annotations

from ml_services.base import Model, Output, Predictor, Progress, Trained, TrainingData, TrainingOptions, silent
from ml_services.forecasting.request import FIELDS

NUMBERS = (
    Output("value", "number", "The forecast"),
    Output("low_80", "number", "Four times in five it comes out above this, and"),
    Output("high_80", "number", "below this"),
    Output("low_95", "number", "Nineteen times in twenty it comes out above this, and"),
    Output("high_95", "number", "below this"),
)


class SalesForecast(Predictor):
    """Needs no training: it fits every series when asked. Training on a file of many series adds what they share."""

    name = "sales-forecast"
    title = "Sales forecast"
    question = "How much will be sold in the next periods?"
    grain = "series"
    task = "series"
    cost = 5
    target = "value"
    inputs = FIELDS
    outputs = (
        Output(
            "forecast",
            "array",
            "One item a period, in order",
            parts=(Output("date", "string", "The period's date, placed as in the history"), *NUMBERS),
        ),
        Output("beats_naive", "boolean", "Whether the back-test was better than repeating the last season"),
        Output("method", "string", "What made the forecast"),
        Output("weights", "object", "The share of each method in it"),
        Output("frequency", "string", "The rhythm of the history", choices=("D", "W", "M", "Q", "Y")),
        Output("season_length", "integer", "Periods after which a pattern may come again"),
        Output("mase", "number", "Error in the back-test, in mean seasonal steps of the history", nullable=True),
        Output("naive_mase", "number", "The same of repeating the last season", nullable=True),
        Output("backtest_windows", "integer", "How many times the back-test looked ahead"),
        Output("notes", "array", "What was done to the history, and what to keep in mind"),
    )
    sample_file = "sales_data.csv"

    def train(self, data: TrainingData, options: TrainingOptions, progress: Progress = silent) -> Trained:
        from ml_services.forecasting.training import train

        return train(data, options, progress)

    def untrained(self) -> Model:
        from ml_services.forecasting.model import SeriesModel

        return SeriesModel()
