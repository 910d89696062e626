"""Spelled columns that are neither numbers nor dates: categories, free text, or ids."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from ml_services.base import Field
from ml_services.column_names import ID_WORDS, name_words, says_who
from ml_services.column_traits import Traits
from ml_services.found import Found, unused
from ml_services.level_columns import LEAST_ROWS_A_LEVEL, MOST_LEVELS, SMALLEST_SHARE_OF_ROWS, level_order
from ml_services.text_components import words_of

NEARLY_UNIQUE = 0.9
FEW_LEVELS = 50
PATTERN_SHARE = 0.9
LEAST_ROWS_FOR_ID = 20
MOST_REPEATED_ID_LEVELS = 100
REPEATED_ID_SHARE = 0.2
"""A column named as an id is one too where it repeats, if it has more levels than both of these."""
COVERED_AS_CATEGORY = 0.5
COVERED_AT_LEAST = 0.1
"""Shares of the rows that frequent levels must cover: for a category outright, and where the text is no language."""
LEAST_WORDS_OF_LANGUAGE = 4
LEAST_LETTERS_OF_LANGUAGE = 0.7
LEAST_SHARED_WORDS = 10
"""A language repeats itself: so many words must each be in a fiftieth of the sampled texts (at least in 3)."""
SPARSEST_TEXT_SHARE = 0.02
LEAST_TEXTS = 20
LANGUAGE_CHARACTERS = 2_000
LEVELS_SHOWN = 3

_PATTERNS = {
    "e-mail addresses": re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$"),
    "UUIDs": re.compile(r"^\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$", re.IGNORECASE),
    "hexadecimal codes": re.compile(r"^(?=.*[0-9])(?:0x)?[0-9a-f]{12,}$", re.IGNORECASE),
    "web addresses": re.compile(r"^(?:https?://|www\.)\S+$", re.IGNORECASE),
    "network addresses": re.compile(r"^(?:[0-9]{1,3}\.){3}[0-9]{1,3}$"),
    "telephone numbers": re.compile(r"^\+?[0-9(][0-9 ()./-]{6,18}[0-9]$"),
}


def decide_texts(column: Traits) -> Found:
    counts = column.level_counts
    rows, levels = int(column.counts.sum()), max(len(counts), int(np.count_nonzero(column.counts)))
    if levels == 0:
        return unused("missing", "no row has a value")
    if len(counts) == 1 and rows == len(column.array):
        return unused("constant", f"every row has {next(iter(counts))!r}")
    least = max(3, min(LEAST_ROWS_A_LEVEL, len(column.array) // SMALLEST_SHARE_OF_ROWS))
    covered = sum(count for count in counts.values() if count >= least) / rows
    if reason := _id_reason(column, rows, levels, covered):
        return unused("id", reason)
    if covered == 0.0 and rows < LEAST_ROWS_FOR_ID <= len(column.array):
        return unused("text", f"{levels:,} different values in the {rows:,} rows that have one: too few to learn from")
    nearly_unique = rows >= LEAST_ROWS_FOR_ID and levels >= NEARLY_UNIQUE * rows
    if covered >= COVERED_AS_CATEGORY or (levels <= FEW_LEVELS and not nearly_unique):
        return _category(column, levels, rows)
    if language := _language([text.strip()[:LANGUAGE_CHARACTERS] for text in column.spellings]):
        return _text(column, rows, language)
    if covered >= COVERED_AT_LEAST:
        return _category(column, levels, rows)
    return unused("id", f"names or codes: {levels:,} different ones in {rows:,} rows")


def _id_reason(column: Traits, rows: int, levels: int, covered: float) -> str:
    sample = [text.strip() for text in column.spellings]
    if sample and (levels > FEW_LEVELS or levels > COVERED_AS_CATEGORY * rows):
        for what, pattern in _PATTERNS.items():
            if sum(pattern.match(text) is not None for text in sample) >= PATTERN_SHARE * len(sample):
                return what
    words = name_words(column.name)
    if words and words[-1] in ID_WORDS and rows >= LEAST_ROWS_FOR_ID:
        many = levels > MOST_REPEATED_ID_LEVELS and levels > REPEATED_ID_SHARE * rows
        if many or levels > COVERED_AS_CATEGORY * rows:
            return "an id by its name, with few rows each"
    return ""


def _category(column: Traits, levels: int, rows: int) -> Found:
    counts = column.level_counts
    ranked = sorted(counts, key=lambda text: (-counts[text], text))
    shown = ", ".join(ranked[:LEVELS_SHOWN]) + (", …" if len(ranked) > LEVELS_SHOWN else "")
    field = Field(
        column.name,
        "category",
        choices=tuple(sorted(ranked[:MOST_LEVELS], key=level_order)),
        required=rows == len(column.array),
        nullable=True,
        personal=says_who(column.name),
        example=ranked[0],
    )
    return Found("category", f"{levels:,} level{'s' if levels > 1 else ''}: {shown}", field)


def _language(sample: list[str]) -> float:
    """Words a text on average where the sampled texts look like language, else 0."""
    if not sample:
        return 0.0
    split = [words_of(text) for text in sample]
    average = sum(map(len, split)) / len(split)
    characters = sum(map(len, sample))
    letters = sum(sum(c.isalpha() or c.isspace() for c in text) for text in sample)
    if average < LEAST_WORDS_OF_LANGUAGE or letters < LEAST_LETTERS_OF_LANGUAGE * characters:
        return 0.0
    spread = Counter(word for words in split for word in set(words))
    shared = sum(count >= max(3, len(sample) // 50) for count in spread.values())
    return average if shared >= LEAST_SHARED_WORDS else 0.0


def _text(column: Traits, rows: int, average: float) -> Found:
    if rows < LEAST_TEXTS or rows < SPARSEST_TEXT_SHARE * len(column.array):
        return unused("text", f"free text in too few rows: {rows:,} of {len(column.array):,}")
    field = Field(
        column.name,
        "text",
        required=rows == len(column.array),
        nullable=True,
        personal=says_who(column.name),
        example="A few words",
    )
    return Found("text", f"free text of {average:.0f} words on average", field)
