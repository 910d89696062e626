"""Columns that say the same as another: exact copies are ignored, near ones are told."""

from __future__ import annotations

import hashlib

import numpy as np

from ml_services.column_traits import Traits
from ml_services.dates import DateStyle, parse_dates
from ml_services.found import Found
from ml_services.parsing import MISSING, PLAIN, Floats, NumberStyle, parse_numbers

NEAR = 0.99999
"""Correlation from which one column is a multiple of another but for rounding, such as charge and minutes."""
MOST_COMPARED = 300
ROWS_COMPARED = 2_000
ROWS_TO_TRUST_LEVELS = 50
"""From so many rows on, equal patterns under other spellings (M/F, male/female) are the same column."""


class Copies:
    """Remembers the columns seen, and knows a later one that says the same."""

    def __init__(self) -> None:
        self._first: dict[bytes, str] = {}
        self._numbers: dict[str, Floats] = {}

    def original(self, column: Traits, found: Found) -> str:
        """The name of an earlier column with the same content; empty for a new one, which is remembered."""
        values = _values(column, found)
        digest = _digest(column, found, values)
        if digest in self._first:
            return self._first[digest]
        self._first[digest] = column.name
        if values is not None and found.kind == "number" and len(self._numbers) < MOST_COMPARED:
            self._numbers[column.name] = values[:: max(1, len(values) // ROWS_COMPARED)].copy()
        return ""

    def near(self) -> dict[str, str]:
        """Number columns that are an earlier one times a factor plus a constant, but for rounding."""
        complete = {
            name: v for name, v in self._numbers.items() if len(v) > 2 and not np.isnan(v).any() and v.std() > 0
        }
        if len(complete) < 2:
            return {}
        names = list(complete)
        correlation = np.abs(np.corrcoef(np.array(list(complete.values()))))
        pairs = {}
        for late in range(1, len(names)):
            early = int(np.argmax(correlation[late, :late]))
            if correlation[late, early] >= NEAR:
                pairs[names[late]] = names[early]
        return pairs


def _values(column: Traits, found: Found) -> Floats | None:
    missing = MISSING.union(text.strip().casefold() for text in (found.field.missing if found.field else ()))
    if found.kind == "number":
        return parse_numbers(column.array, found.style if isinstance(found.style, NumberStyle) else PLAIN, missing)[0]
    if found.kind == "date" and isinstance(found.style, DateStyle):
        return parse_dates(column.array, found.style, missing)[0]
    return None


def _digest(column: Traits, found: Found, values: Floats | None) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    if values is not None:
        digest.update(found.kind.encode())
        digest.update(values.tobytes())
        return digest.digest()
    spellings, codes = column.coded
    digest.update(codes.tobytes())
    if found.kind == "text" or len(codes) < ROWS_TO_TRUST_LEVELS:
        digest.update("\0".join(map(str, spellings[:ROWS_COMPARED].to_pylist())).encode())
    return digest.digest()
