"""Dates and values become a series without gaps: one value a period, with what was done to it said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from ml_services.forecasting.periods import WORDS, Rhythm, numbers, rhythm_of
from ml_services.forecasting.seasonal import Floats

LONGEST = 1100
"""Periods looked at: three years of days. Older ones say little of the next and cost time."""
LONGEST_SPAN = 40_000
"""Periods between the first date and the last; more is a mistyped date."""
LEAST_AFTER_START = 10
"""Values that must remain for leading zeros (a product not yet sold) to be left out."""


@dataclass(frozen=True, slots=True)
class Series:
    """`values` one a period, oldest first; `last` is the period number of the newest."""

    values: Floats
    rhythm: Rhythm
    last: int
    notes: tuple[str, ...] = ()

    @property
    def season(self) -> int:
        return self.rhythm.season

    @property
    def daily(self) -> bool:
        return self.rhythm.frequency == "D"

    def future(self, steps: int) -> list[date]:
        return [self.rhythm.day(self.last + step) for step in range(1, steps + 1)]


def series_of(days: Sequence[date], values: Sequence[float], frequency: str | None, *, zero_gaps: bool) -> Series:
    """A series from sorted, distinct dates. `zero_gaps`: a period without a value had none (sums of single sales),
    else it is unknown and drawn in between. Raises ValueError with what is wrong."""
    rhythm = rhythm_of(days, frequency)
    number = numbers(days, rhythm)
    span = int(number[-1] - number[0]) + 1
    if span > LONGEST_SPAN:
        raise ValueError(f"From {days[0]} to {days[-1]} are {span:,} {WORDS[rhythm.frequency][1]}: is a date wrong?")
    grown = np.full(span, np.nan)
    grown[number - number[0]] = values
    notes = []
    gaps = int(np.isnan(grown).sum())
    if gaps:
        how = "with zero" if zero_gaps else "from their neighbours"
        word = WORDS[rhythm.frequency][gaps > 1]
        notes.append(f"{gaps:,} {word} without a value {'were' if gaps > 1 else 'was'} filled {how}.")
        grown = np.nan_to_num(grown, nan=0.0) if zero_gaps else fill(grown, rhythm.season)
    started = start(grown)
    if started:
        notes.append(f"{started:,} zeros before the first sale were left out.")
        grown = grown[started:]
    if len(grown) > LONGEST:
        notes.append(f"Only the last {LONGEST:,} of {len(grown):,} {WORDS[rhythm.frequency][1]} were looked at.")
        grown = grown[-LONGEST:]
    if not zero_gaps and gaps > len(grown) // 4:
        notes.append("Many values are missing, so the forecast is less certain than its back-test says.")
    return Series(grown, rhythm, int(number[-1]), tuple(notes))


def start(values: Floats) -> int:
    """How many leading zeros to leave out: all, where enough values follow."""
    first = int(np.argmax(values != 0)) if np.any(values) else 0
    return first if first >= 3 and len(values) - first >= LEAST_AFTER_START else 0


def fill(values: Floats, season: int) -> Floats:
    """Gaps drawn as a straight line between neighbours, plus the usual step of that place in the season."""
    index = np.arange(len(values))
    known = ~np.isnan(values)
    line = np.interp(index, index[known], values[known])
    if season < 2 or known.sum() < 2 * season:
        return line
    smooth = np.convolve(np.pad(line, season // 2, mode="edge"), np.ones(season) / season, "same")
    smooth = smooth[season // 2 : season // 2 + len(values)]
    place = index % season
    count = np.bincount(place[known], minlength=season)
    total = np.bincount(place[known], weights=(line - smooth)[known], minlength=season)
    usual = np.where(count > 0, total / np.maximum(count, 1), 0.0)
    filled = np.where(known, line, smooth + usual[place])
    return np.maximum(filled, 0.0) if line.min() >= 0 else filled
