"""Which rhythm dates follow, and the arithmetic of days, weeks, months, quarters and years."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

import numpy as np

from ml_services.forecasting.seasonal import Ints

Frequency = Literal["D", "W", "M", "Q", "Y"]
FREQUENCIES: tuple[Frequency, ...] = ("D", "W", "M", "Q", "Y")
WORDS: dict[str, tuple[str, str]] = {
    "D": ("day", "days"),
    "W": ("week", "weeks"),
    "M": ("month", "months"),
    "Q": ("quarter", "quarters"),
    "Y": ("year", "years"),
}
SEASONS: dict[str, int] = {"D": 7, "W": 52, "M": 12, "Q": 4, "Y": 1}
NOMINAL_DAYS: dict[str, float] = {"D": 1.0, "W": 7.0, "M": 30.4, "Q": 91.3, "Y": 365.2}
MONTHS: dict[str, int] = {"M": 1, "Q": 3, "Y": 12}
TYPICAL_SHARE = 0.8
"""Neighbouring dates lie at least this share of a period apart, at the median, for it to be their rhythm."""
LEAST_KNOWN = 1 / 3
"""A series with less than this share of its periods known is not one of that rhythm."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Counts the periods of one series. `anchor` is its last date; `weekdays` the days of the week it is open on
    (0 Monday), all seven but for a daily series that never has some of them; `month_end`: always the last day."""

    frequency: Frequency
    anchor: date
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    month_end: bool = False

    @property
    def season(self) -> int:
        return len(self.weekdays) if self.frequency == "D" else SEASONS[self.frequency]

    def number(self, day: date) -> int:
        """The period that `day` falls in; the anchor's neighbours differ by one."""
        if self.frequency == "D":
            week, weekday = divmod(day.toordinal() - 1, 7)
            return week * len(self.weekdays) + self.weekdays.index(weekday)
        if self.frequency == "W":
            return round((day.toordinal() - self.anchor.toordinal()) / 7)
        size = MONTHS[self.frequency]
        return (months(day) - months(self.anchor) + (size - 1) // 2) // size

    def day(self, number: int) -> date:
        """The date that stands for a period: as far into it as the anchor is into its own."""
        if self.frequency == "D":
            week, rank = divmod(number, len(self.weekdays))
            return date.fromordinal(week * 7 + self.weekdays[rank] + 1)
        if self.frequency == "W":
            return date.fromordinal(self.anchor.toordinal() + 7 * number)
        year, month = divmod(months(self.anchor) + number * MONTHS[self.frequency], 12)
        longest = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, longest if self.month_end else min(self.anchor.day, longest))


def months(day: date) -> int:
    return day.year * 12 + day.month - 1


def rhythm_of(days: Sequence[date], frequency: str | None) -> Rhythm:
    """The rhythm of sorted, distinct dates; found from them where `frequency` is None. Raises ValueError with what
    is wrong with them."""
    if frequency is not None:
        rhythm = rhythm_with(days, next(f for f in FREQUENCIES if f == frequency))
        clash = first_clash(days, rhythm)
        if clash:
            word = WORDS[frequency][0]
            raise ValueError(f"{clash[0]} and {clash[1]} fall in the same {word}: give one value for each {word}.")
        return rhythm
    gap = float(np.median(np.diff([day.toordinal() for day in days])))
    for candidate in reversed(FREQUENCIES):
        rhythm = rhythm_with(days, candidate)
        if gap >= TYPICAL_SHARE * NOMINAL_DAYS[candidate] and known_share(days, rhythm) >= LEAST_KNOWN:
            return rhythm
    raise ValueError("The dates follow no daily, weekly, monthly, quarterly or yearly rhythm: too many are missing.")


def rhythm_with(days: Sequence[date], frequency: Frequency) -> Rhythm:
    ends = all(day.day == calendar.monthrange(day.year, day.month)[1] for day in days)
    weekdays = tuple(sorted({day.weekday() for day in days}))
    # A shop that never opens on Sundays shows it only when there were enough Sundays to open on.
    closed = frequency == "D" and len(weekdays) < 7 and len(days) >= 3 * len(weekdays) and len(weekdays) > 1
    return Rhythm(frequency, days[-1], weekdays if closed else (0, 1, 2, 3, 4, 5, 6), ends)


def first_clash(days: Sequence[date], rhythm: Rhythm) -> tuple[date, date] | None:
    for earlier, later in pairwise(days):
        if rhythm.number(earlier) == rhythm.number(later):
            return earlier, later
    return None


def known_share(days: Sequence[date], rhythm: Rhythm) -> float:
    """The share of periods from the first date to the last that have a value; 0 where two dates share one."""
    if first_clash(days, rhythm):
        return 0.0
    return len(days) / (rhythm.number(days[-1]) - rhythm.number(days[0]) + 1)


def numbers(days: Sequence[date], rhythm: Rhythm) -> Ints:
    return np.array([rhythm.number(day) for day in days], dtype=np.int64)
