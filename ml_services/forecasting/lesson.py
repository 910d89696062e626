"""The series of a training file: read, long enough, as many as the time allows, with remarks on the way."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ml_services.base import TrainingData, TrainingOptions
from ml_services.forecasting.cells import Columns, find_columns
from ml_services.forecasting.engine import Knowledge, best
from ml_services.forecasting.periods import FREQUENCIES
from ml_services.forecasting.points import groups
from ml_services.forecasting.pooling import LEAST_SERIES
from ml_services.forecasting.request import MOST_PERIODS, USUAL_PERIODS
from ml_services.forecasting.series import Series
from platform_core.errors import TrainingRefused

LEAST_VALUES = 8
"""Of a series, to hold some out and still back-test on the rest."""
HELD_OUT = 4
"""The last window is at most one part in this many of a series."""
PASSES = 4
"""Times that every series is gone through: to choose, to weigh the booster, to be judged, to learn from all."""
REASONS_SHOWN = 10


@dataclass
class Lesson:
    """What is learned from and with: the series, the window held out of each, and remarks on the way."""

    columns: Columns
    series: dict[str, Series]
    steps: int
    notes: list[str] = field(default_factory=list)
    unreadable: int = 0

    @property
    def season(self) -> int:
        """The season of most series."""
        seasons = [one.season for one in self.series.values()]
        return max(sorted(set(seasons)), key=seasons.count)

    def held(self, one: Series) -> int:
        return max(1, min(self.steps, len(one.values) // HELD_OUT))


def read(data: TrainingData, options: TrainingOptions) -> Lesson:
    """The series of the file that are long enough. Raises TrainingRefused where there is none."""
    if data.table.num_rows == 0:
        raise TrainingRefused("The file has no rows.")
    frequency = options.settings.get("frequency") or None
    if frequency not in (None, *FREQUENCIES):
        raise TrainingRefused(f"frequency is one of {', '.join(FREQUENCIES)}.")
    try:
        columns = find_columns(data.table, options.time_column, options.target, options.id_column)
    except ValueError as problem:
        raise TrainingRefused(str(problem)) from None
    found, rejects = groups(data.table, columns)
    series: dict[str, Series] = {}
    left_out = []
    for group in found:
        try:
            series[group.name] = group.series(frequency, LEAST_VALUES)
        except ValueError as problem:
            left_out.append(f"{group.name or 'The series'}: {problem}")
    if not series:
        what = left_out[0] if left_out else f"no row has a readable date and number in {columns.time}, {columns.value}"
        raise TrainingRefused(f"Nothing can be learned from this file. {what}.")
    lesson = Lesson(columns, series, horizon(options, series), [*data.notes], len(rejects))
    remark(lesson, left_out)
    return lesson


def horizon(options: TrainingOptions, series: dict[str, Series]) -> int:
    asked = options.settings.get("periods")
    if asked is None or asked == "":
        rhythms = [one.rhythm.frequency for one in series.values()]
        return USUAL_PERIODS[max(FREQUENCIES, key=rhythms.count)]
    if not str(asked).isdecimal() or not 1 <= int(asked) <= MOST_PERIODS:
        raise TrainingRefused(f"periods is a whole number from 1 to {MOST_PERIODS}.")
    return int(asked)


def remark(lesson: Lesson, left_out: Sequence[str]) -> None:
    if lesson.unreadable:
        lesson.notes.append(f"{lesson.unreadable:,} rows have no readable date or number and were left out.")
    if left_out:
        lesson.notes.append(f"{len(left_out):,} series were left out: {'; '.join(left_out[:REASONS_SHOWN])}.")
    of_each = [f"{name}: {note}" if name else note for name, one in lesson.series.items() for note in one.notes]
    lesson.notes += of_each[:REASONS_SHOWN]
    if len(of_each) > REASONS_SHOWN:
        lesson.notes.append(f"{len(of_each) - REASONS_SHOWN:,} more remarks on single series.")


def keep_to_budget(lesson: Lesson, options: TrainingOptions) -> None:
    """Keeps as many series as the time allows, drawn by the seed, by the time that the first one takes."""
    one = next(iter(lesson.series.values()))
    best(one.values, one.season, lesson.steps, Knowledge())  # loads the libraries
    began = time.perf_counter()
    best(one.values, one.season, lesson.steps, Knowledge(), daily=one.daily)
    each = PASSES * (time.perf_counter() - began) + 1e-3
    most = max(LEAST_SERIES, int(options.budget_s / each))
    if most < len(lesson.series):
        names = np.array(list(lesson.series))
        drawn = sorted(np.random.default_rng(options.seed).choice(len(names), most, replace=False))
        lesson.notes.append(f"{most:,} of {len(names):,} series were looked at, as the time budget allows.")
        lesson.series = {name: lesson.series[name] for name in names[drawn].tolist()}
