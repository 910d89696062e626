"""The decision for one column: number, date, yes/no, category, text, or why it is of no use."""

from __future__ import annotations

import pyarrow as pa

from ml_services.column_numbers import decide_dates, decide_numbers, yes_no
from ml_services.column_texts import decide_texts
from ml_services.column_traits import Traits
from ml_services.dates import DateStyle, guess_date_style, parse_date
from ml_services.found import Found, unused
from ml_services.parsing import (
    PLAIN,
    NumberStyle,
    guess_number_style,
    is_numeric,
    parse_number,
    parse_numbers,
)
from ml_services.yes_no import yes_no_pair

ENOUGH_OF_SAMPLE = 0.5
"""Share of the sampled spellings that must be numbers (dates) for the whole column to be read as such."""
MOST_SPELLINGS_OF_YES_NO = 8


def decide(column: Traits, file_style: NumberStyle) -> Found:
    """The kind of a column, with the field that a model version will ask for."""
    kind = column.array.type
    if column.array.null_count == len(column.array):
        return unused("missing", "no row has a value")
    if pa.types.is_boolean(kind):
        return yes_no(column, "false", "true")
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return decide_dates(column, DateStyle()) or unused("unsupported", "dates out of range")
    if is_numeric(kind):
        return decide_numbers(column, PLAIN) or unused("unsupported", "no numbers")
    if not column.text:
        return unused("unsupported", f"cells of type {kind}")
    return _decide_spelled(column, file_style)


def _decide_spelled(column: Traits, file_style: NumberStyle) -> Found:
    sample = column.spellings
    if not sample and not column.level_counts:
        return unused("missing", "no row has a value")
    if pair := _pair(column):
        return yes_no(column, *pair)
    if file_style == PLAIN and _plainly_numbers(column):
        return decide_numbers(column, PLAIN) or decide_texts(column)
    style = guess_number_style(sample, file_style)
    if sample and sum(parse_number(text, style) is not None for text in sample) >= ENOUGH_OF_SAMPLE * len(sample):
        found = decide_numbers(column, style)
        if found:
            return found
    dates = guess_date_style(sample)
    if sample and sum(parse_date(text, dates) is not None for text in sample) >= ENOUGH_OF_SAMPLE * len(sample):
        found = decide_dates(column, dates)
        if found:
            return found
    return decide_texts(column)


def _pair(column: Traits) -> tuple[str, str] | None:
    """(no, yes) in their commonest spellings, where the column says nothing else."""
    if len(column.coded[0]) > MOST_SPELLINGS_OF_YES_NO:
        return None
    ranked = sorted(column.level_counts.items(), key=lambda item: item[1])
    return yes_no_pair(list({text.casefold(): text for text, _ in ranked}.values()))


def _plainly_numbers(column: Traits) -> bool:
    """Whether every cell is a number as programs write it; cheap to see, and most number columns are such."""
    start = [text for text in column.spellings[:3] if parse_number(text) is not None]
    return len(start) > 0 and not parse_numbers(column.array, PLAIN)[1].any()
