"""Columns that become several features: dates (age and calendar parts) and texts (length and components)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml_services.base import Field
from ml_services.checking import TEXT_LIMIT, date_reader, text_reader
from ml_services.dates import ISO, DateStyle, guess_date_style, parse_date, parse_dates
from ml_services.encoded_columns import STYLE_SAMPLE, Feature
from ml_services.parsing import MISSING, Bools, Floats, flat, is_text
from ml_services.spellings import CATEGORY_MISSING
from ml_services.text_components import TextComponents
from ml_services.value_problems import Reader

AGE, MONTH, WEEKDAY, HOUR = "age in days", "month", "weekday", "hour"
_DAYS_TO_MARCH_YEAR_0 = 719_468
_DAYS_PER_ERA = 146_097
OLDEST, LATEST = -25_567.0, 47_847.0
"""1900-01-01 and 2101-01-01: dates beyond (0001-01-01, 9999-12-31) are placeholders, and unknown to the model."""
_THURSDAY = 3
"""1970-01-01 was a Thursday; Monday is 0."""


def month_number(day: np.ndarray | int) -> np.ndarray | int:
    """1-12 for a count of days since 1970-01-01, in the Gregorian calendar without end on either side
    (H. Hinnant, "chrono-compatible low-level date algorithms", civil_from_days). Works on arrays too."""
    of_era = (day + _DAYS_TO_MARCH_YEAR_0) % _DAYS_PER_ERA
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    from_march = (5 * of_year + 2) // 153
    return (from_march + 2) % 12 + 1


@dataclass(frozen=True)
class DateColumn:
    """`parts` are the features, any of AGE, MONTH, WEEKDAY, HOUR; none for the time column itself."""

    field: Field
    style: DateStyle = ISO
    parts: tuple[str, ...] = (AGE, MONTH, WEEKDAY)

    def features(self) -> tuple[Feature, ...]:
        return tuple(Feature(f"{self.field.name} ({part})", self.field.name, "number") for part in self.parts)

    def reader(self) -> Reader:
        return date_reader(self.field)

    def expand(self, days: float, reference: float) -> list[float]:
        if not OLDEST <= days <= LATEST:
            return [math.nan] * len(self.parts)
        day = math.floor(days)
        values: list[float] = []
        for part in self.parts:
            if part == AGE:
                values.append(reference - days)
            elif part == MONTH:
                values.append(float(month_number(day)))
            elif part == WEEKDAY:
                values.append(float((day + _THURSDAY) % 7))
            else:
                values.append(float(math.floor((days - day) * 24)))
        return values

    def days(self, array: pa.ChunkedArray) -> tuple[Floats, Bools]:
        """Days since 1970-01-01 and what is no date, in the column's style or, where that leaves more bad cells,
        in the style that this file seems to have."""
        whole = flat(array)
        missing = MISSING.union(text.strip().casefold() for text in self.field.missing)
        days, bad = parse_dates(whole, self.style, missing)
        if bad.any() and is_text(whole.type):
            spellings = whole.filter(whole.is_valid()).unique()[:STYLE_SAMPLE].to_pylist()
            days_2, bad_2 = parse_dates(whole, guess_date_style(spellings, self.style), missing)
            if bad_2.sum() < bad.sum():
                days, bad = days_2, bad_2
        return days, bad if self.field.nullable else bad | np.isnan(days)

    def many(self, array: pa.ChunkedArray, reference: Floats | float) -> tuple[Floats, Bools]:
        days, bad = self.days(array)
        matrix = np.full((len(days), len(self.parts)), math.nan)
        known = (days >= OLDEST) & (days <= LATEST)
        moments = days[known]
        day = np.floor(moments).astype(np.int64)
        ages = (reference - days)[known]
        columns = {
            AGE: ages,
            MONTH: month_number(day),
            WEEKDAY: (day + _THURSDAY) % 7,
            HOUR: np.floor((moments - day) * 24),
        }
        for position, part in enumerate(self.parts):
            matrix[known, position] = columns[part]
        return matrix, bad

    def reason(self, cell: str) -> str:
        return "is not a date" if cell.strip() and parse_date(cell, self.style) is None else "must not be blank"


@dataclass(frozen=True)
class TextColumn:
    field: Field
    components: TextComponents

    def features(self) -> tuple[Feature, ...]:
        names = ("characters", "words", *(f"topic {k + 1}" for k in range(self.components.size)))
        return tuple(Feature(f"{self.field.name} ({name})", self.field.name, "number") for name in names)

    def reader(self) -> Reader:
        return text_reader(self.field)

    def expand(self, text: str | None, reference: float) -> list[float]:
        if text is None or text.strip().casefold() in CATEGORY_MISSING:
            return [math.nan] * (2 + self.components.size)
        words, topics = self.components.transform(text)
        return [float(len(text)), float(words), *topics]

    def many(self, array: pa.ChunkedArray, reference: Floats | float) -> tuple[Floats, Bools]:
        whole = flat(array)
        if not is_text(whole.type):
            whole = whole.cast(pa.string())
        spelled = whole.dictionary_encode()
        texts = [*spelled.dictionary.to_pylist(), None]
        codes = pc.fill_null(spelled.indices, len(texts) - 1).to_numpy(zero_copy_only=False)
        matrix = np.array([self.expand(text, 0.0) for text in texts])[codes]
        bad = np.array([text is not None and len(text) > TEXT_LIMIT for text in texts])[codes]
        return matrix, bad if self.field.nullable else bad | np.isnan(matrix[:, 0])

    def reason(self, cell: str) -> str:
        return f"must have at most {TEXT_LIMIT:,} characters" if cell.strip() else "must not be blank"
