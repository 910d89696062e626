"""Which line names the columns, and the names that they get."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from platform_core.errors import FileRefused

MAX_COLUMNS = 2_000
"""Wider than any business table; beyond it a file is a matrix, or was split at the wrong character."""
MAX_NAME_LENGTH = 500
MAX_TITLE_ROWS = 20
"""How many rows of title ("Report of May") may stand above the names."""
NUMERIC_SHARE = 0.8
MIN_WIDTH_UNDER_TITLE = 3

_NUMBERISH = re.compile(r"[\s$€£¥+(-]*\d[\d\s.,'’:/%$€£¥)eETZ+-]*")
_YEAR = re.compile("(19|20)[0-9]{2}")
_UNKNOWN = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "?", "#n/a"})


@dataclass(frozen=True, slots=True)
class HeaderPlace:
    """`titles`: rows above the names. `header`: whether the row after them names the columns. `width`: columns."""

    titles: int
    header: bool
    width: int


def looks_like_number(text: str) -> bool:
    """A number, an amount or a date in digits."""
    return _NUMBERISH.fullmatch(text) is not None


def usual_width(rows: Sequence[Sequence[str]]) -> int:
    """The commonest number of values; the wider one where two are as common."""
    counts = Counter(len(row) for row in rows)
    return max(counts, key=lambda width: (counts[width], width), default=0)


def place_header(rows: Sequence[Sequence[str]], wanted: bool | None) -> HeaderPlace:
    """Finds the row of names among the first rows of a file; `wanted` says whether there is one, if known."""
    width = usual_width(rows)
    titles = title_rows(rows, width)
    if wanted is not None:
        return HeaderPlace(titles if wanted else 0, wanted, max(width, len(rows[titles])) if wanted else width)
    first, body = rows[titles], rows[titles + 1 :]
    header = _names_columns(first, body)
    return HeaderPlace(titles, header, _width_under(first, body) if header else width)


def title_rows(rows: Sequence[Sequence[str]], width: int) -> int:
    """How many rows stand above the first that has more than a title in its first cell."""
    if width < MIN_WIDTH_UNDER_TITLE:
        return 0
    for at, row in enumerate(rows[: MAX_TITLE_ROWS + 1]):
        filled = [place for place, value in enumerate(row) if value.strip()]
        if filled and filled != [0]:
            return at
    return 0


def _width_under(first: Sequence[str], body: Sequence[Sequence[str]]) -> int:
    """Data one value wider than the names: R writes its row names so, without a name of their own."""
    width = usual_width(body)
    all_wider = width == len(first) + 1 and all(len(row) == width for row in body)
    return width if all_wider else len(first)


def _names_columns(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    filled = [value.strip() for value in first if value.strip()]
    if not body:
        return not all(looks_like_number(value) for value in filled)
    columns = [[row[at].strip() for row in body if at < len(row)] for at in range(len(first))]
    numeric = [at for at, column in enumerate(columns) if _is_numeric(column)]
    tops = [first[at].strip() for at in numeric if first[at].strip().casefold() not in _UNKNOWN]
    if tops:
        return any(not looks_like_number(top) for top in tops) or _counts_up(tops)
    if numeric or any(list(row) == list(first) for row in body):
        return True
    return not any(value.strip() and value.strip() in column for value, column in zip(first, columns, strict=True))


def _is_numeric(column: Sequence[str]) -> bool:
    known = [value for value in column if value.casefold() not in _UNKNOWN]
    return bool(known) and sum(map(looks_like_number, known)) >= NUMERIC_SHARE * len(known)


def _counts_up(tops: Sequence[str]) -> bool:
    """2019, 2020, 2021: years as names."""
    if len(tops) == 1 or not all(_YEAR.fullmatch(top) for top in tops):
        return False
    numbers = [int(top) for top in tops]
    return all(later == earlier + 1 for earlier, later in pairwise(numbers))


def name_columns(values: Sequence[str] | None, width: int, name: str) -> tuple[list[str], list[str]]:
    """The names of `width` columns, and what had to be done for them. Raises FileRefused for names that occur
    twice, or more columns than a table has."""
    if width > MAX_COLUMNS:
        raise FileRefused(f"{name} has {width:,} columns; {MAX_COLUMNS:,} at most can be read. Leave out some.")
    if values is None:
        return [f"column_{at + 1}" for at in range(width)], ["The file has no line of column names."]
    given = [value.strip() for value in values]
    if width == len(given) + 1:
        given = ["", *given]
    _refuse_odd(given, name)
    taken, names, notes = set(given), [], []
    for at, text in enumerate(given):
        label = text or f"column_{at + 1}"
        while not text and label in taken:
            label += "_"
        if not text:
            notes.append(f"Column {at + 1} has no name; it is called {label}.")
        names.append(label)
    return names, notes


def _refuse_odd(given: Sequence[str], name: str) -> None:
    if not any(given):
        raise FileRefused(f"{name} has a first line without any column name. Name the columns.")
    for text, times in Counter(given).items():
        if text and times > 1:
            places = ", ".join(str(at + 1) for at, other in enumerate(given) if other == text)
            raise FileRefused(
                f"{name} has {times} columns called {text[:80]!r} (columns {places}), which cannot be told apart. "
                "Rename them."
            )
        if len(text) > MAX_NAME_LENGTH:
            raise FileRefused(f"{name} has a column name of {len(text):,} characters ({text[:40]!r}…). Is it a table?")
        if "\x00" in text:
            raise FileRefused(f"{name} has a column name with a NUL byte in it ({text[:40]!r}). Remove it.")


__all__ = [
    "MAX_COLUMNS",
    "HeaderPlace",
    "looks_like_number",
    "name_columns",
    "place_header",
    "title_rows",
    "usual_width",
]
