"""Columns of numbers and dates, and what only looks like numbers: ids, codes, yes and no."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml_services.base import Field
from ml_services.column_names import CALENDAR_WORDS, CODE_WORDS, DATE_WORDS, ID_WORDS, name_words, says_who
from ml_services.column_traits import Traits
from ml_services.dates import DateStyle, parse_date, parse_dates
from ml_services.found import Found, unused
from ml_services.parsing import Bools, Floats, NumberStyle, parse_numbers

JUNK_SHARE = 0.05
MOST_JUNK = 20
FEW_JUNK = 3
LEAST_NUMBERS_BESIDE_JUNK = 20
TYPO_SHARE = 0.01
"""A column stays a number beside few spellings of junk in few cells; or up to three spellings in any number of
cells where the numbers are many; or typos in under one cell of a hundred."""
UNIT_SAMPLE = 50
UNIQUE_SHARE = 0.98
LEAST_ROWS_FOR_ID = 20
SMALLEST_TELEPHONE = 100_000
SMALLEST_LONG_CODE = 100_000_000_000
LEAST_ROWS_FOR_SEQUENCE = 100
MOST_REPEATED_ID_LEVELS = 100
REPEATED_ID_SHARE = 0.2
COMPACT_RANGE = (19_000_101, 21_001_231)
EPOCH_RANGE_S = (631_152_000, 2_208_988_800)
"""Seconds since 1970 of the years 1990 to 2039."""
SERIAL_RANGE = (20_000, 60_000)
"""Spreadsheet days of 1954 to 2064."""


def yes_no(column: Traits, no: str, yes: str) -> Found:
    known = sum(column.level_counts.values())
    field = Field(
        column.name,
        "yes_no",
        choices=(no, yes),
        truthy=yes,
        required=known == len(column.array),
        nullable=True,
        personal=says_who(column.name),
        example=yes,
    )
    present = {text.casefold() for text in column.level_counts}
    if len(present) == 1 and field.required:
        return unused("constant", f"every row has {next(iter(column.level_counts))!r}")
    return Found("yes_no", f"yes is {yes!r}, no is {no!r}", field)


def _junk(column: Traits, bad: Bools, known: Floats) -> tuple[str, ...] | None:
    """The spellings that are no numbers (dates) although the column is one; None where it is not one."""
    if not bad.any():
        return ()
    spelled = pc.unique(column.array.filter(pa.array(bad)))
    cells, count = int(bad.sum()), len(spelled)
    share = cells / (len(known) + cells)
    few = count <= MOST_JUNK and share < JUNK_SHARE
    if few or share < TYPO_SHARE or (count <= FEW_JUNK and len(np.unique(known)) >= LEAST_NUMBERS_BESIDE_JUNK):
        return tuple(sorted(text.strip() for text in spelled[:MOST_JUNK].to_pylist()))
    return None


def decide_numbers(column: Traits, style: NumberStyle) -> Found | None:
    values, bad = parse_numbers(column.array, style)
    numbers = values[~np.isnan(values)]
    if column.text:
        junk = _junk(column, bad, numbers)
        if junk is None or len(numbers) == 0 or _coded(column):
            return None
    else:
        junk = ()
    if len(numbers) == 0:
        return unused("missing", "no row has a value")
    distinct = np.unique(numbers)
    complete = len(numbers) == len(values)
    if len(distinct) == 1 and complete:
        return unused("constant", f"every row has {distinct[0]:g}")
    whole = bool((numbers % 1 == 0).all())
    if not column.text and whole and distinct.tolist() == [0.0, 1.0]:
        return yes_no(column, "0", "1")
    if dates := _dates_in_numbers(column, distinct, whole):
        return dates
    if whole and (reason := _id_reason(column.name, numbers, distinct)):
        return unused("id", reason)
    return _number_found(column, style, junk, distinct, complete)


def _number_found(column: Traits, style: NumberStyle, junk: tuple[str, ...], distinct: Floats, complete: bool) -> Found:
    told = f"numbers from {distinct[0]:g} to {distinct[-1]:g}"
    middle = float(distinct[len(distinct) // 2])
    field = Field(
        column.name,
        "number",
        description=f"{told} in the training data",
        unit=_unit(column, style),
        required=complete,
        nullable=True,
        missing=junk,
        personal=says_who(column.name),
        example=int(middle) if middle == int(middle) else middle,
    )
    shown = ", ".join(repr(text) for text in junk[:5]) + (", …" if len(junk) > 5 else "")
    return Found("number", told + (f"; {shown} read as unknown" if junk else ""), field, style)


def _unit(column: Traits, style: NumberStyle) -> str:
    """What nearly all spellings carry: %, €, $, £, or a suffix."""
    if not column.text or style.suffix:
        return style.suffix
    sample = column.spellings[:UNIT_SAMPLE]
    return next((sign for sign in "%€$£" if sum(sign in text for text in sample) > 0.9 * len(sample)), "")


def _coded(column: Traits) -> bool:
    """Leading zeros: 00123 is a code, and is not 123."""
    if not any(text[:1] == "0" and text[1:].strip().isdigit() for text in column.spellings):
        return False
    return all(text.strip().isdigit() for text in column.spellings)


def _id_reason(name: str, numbers: Floats, distinct: Floats) -> str:
    """Why whole numbers are an id; empty where they are not."""
    count, words = len(numbers), name_words(name)
    if count < LEAST_ROWS_FOR_ID:
        return ""
    if len(distinct) >= UNIQUE_SHARE * count:
        if not words or CODE_WORDS.intersection(words):
            return "an id: almost every row has its own number"
        if numbers.min() >= (SMALLEST_TELEPHONE if says_who(name) else SMALLEST_LONG_CODE):
            return "an id: long numbers, almost every row has its own"
        if len(distinct) == count >= LEAST_ROWS_FOR_SEQUENCE and not CALENDAR_WORDS.intersection(words):
            steps = np.diff(numbers)
            if (steps > 0).all() or (steps < 0).all():
                return "a sequence number: it only rises or falls from row to row"
            if distinct[-1] - distinct[0] < 2 * count:
                return "a sequence number: every number of a range, once"
    if words and words[-1] in ID_WORDS and len(distinct) > max(MOST_REPEATED_ID_LEVELS, REPEATED_ID_SHARE * count):
        return "an id by its name, with few rows each"
    return ""


def _dates_in_numbers(column: Traits, distinct: Floats, whole: bool) -> Found | None:
    if len(distinct) < 2:
        return None
    low, high = distinct[0], distinct[-1]
    if whole and low >= COMPACT_RANGE[0] and high <= COMPACT_RANGE[1]:
        style = DateStyle(compact=True)
        if all(parse_date(f"{value:.0f}", style) is not None for value in distinct):
            return decide_dates(column, style)
    if DATE_WORDS.intersection(name_words(column.name)) and low >= SERIAL_RANGE[0] and high <= SERIAL_RANGE[1]:
        return decide_dates(column, DateStyle(serial=True))
    if DATE_WORDS.intersection(name_words(column.name)) and whole:
        for per_second in (1, 1_000):
            if low >= EPOCH_RANGE_S[0] * per_second and high <= EPOCH_RANGE_S[1] * per_second:
                return decide_dates(column, DateStyle(epoch=per_second))
    return None


def decide_dates(column: Traits, style: DateStyle) -> Found | None:
    days, bad = parse_dates(column.array, style)
    known = days[~np.isnan(days)]
    junk = _junk(column, bad, known) if column.text else ()
    if junk is None or len(known) == 0:
        return None
    complete = len(known) == len(days)
    if known.min() == known.max() and complete:
        return unused("constant", "every row has the same date")
    first, last = (str(np.datetime64(int(day // 1), "D")) for day in (known.min(), known.max()))
    told = f"dates from {first} to {last}"
    field = Field(
        column.name,
        "date",
        description=f"{told} in the training data",
        required=complete,
        nullable=True,
        missing=junk,
        personal=says_who(column.name),
        example=last,
    )
    return Found("date", told, field, style)
