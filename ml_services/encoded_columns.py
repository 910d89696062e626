"""What each kind of column becomes in the matrix: from one value of a record, and from a whole column of a table.

Both ways give the same floats to the last bit: a table's odd spellings go through Python one by one, and dates and
texts through the same arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml_services.base import Field
from ml_services.checking import bounds, number_reader, range_in_words
from ml_services.parsing import (
    MISSING,
    PLAIN,
    Bools,
    Floats,
    NumberStyle,
    flat,
    guess_number_style,
    is_text,
    parse_number,
    parse_numbers,
)
from ml_services.value_problems import Reader, Unfit

STYLE_SAMPLE = 2_000
"""Spellings looked at to learn how another file spells its numbers or dates."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the matrix. For a category, code k of the matrix means `levels[k]`."""

    name: str
    field: str
    kind: Literal["number", "category"]
    levels: tuple[str, ...] = ()


class Column(Protocol):
    """One field's way into the matrix."""

    @property
    def field(self) -> Field: ...

    def features(self) -> tuple[Feature, ...]: ...

    def reader(self) -> Reader:
        """Checks one value of a record. A column with one feature gives that feature's value."""

    def many(self, array: pa.ChunkedArray, reference: Floats | float) -> tuple[Floats, Bools]:
        """Values (n,), or (n, features) where these are not one, and the cells that do not fit."""

    def reason(self, cell: str) -> str:
        """Why this cell does not fit."""


def by_spelling(array: pa.Array, codes: dict[str, float], odd: Callable[[Any], float | None]) -> tuple[Floats, Bools]:
    """Codes of a column of texts; what is not spelled as in `codes` is given to `odd` once: a code, NaN for
    missing, None for bad. Typed values are all given to `odd`."""
    bad = np.zeros(len(array), dtype=np.bool_)
    if is_text(array.type):
        found = pc.index_in(array, value_set=pa.array(list(codes), type=array.type))
        table = np.array([*codes.values(), math.nan])
        values = table[pc.fill_null(found, len(codes)).to_numpy(zero_copy_only=False)]
        strange = pc.and_(found.is_null(), array.is_valid())
    else:
        values = np.full(len(array), math.nan)
        strange = array.is_valid()
    where = np.asarray(strange.to_numpy(zero_copy_only=False))
    if where.any():
        spelled = array.filter(strange).dictionary_encode()
        read = [odd(value) for value in spelled.dictionary.to_pylist()]
        indices = spelled.indices.to_numpy()
        values[where] = np.array([math.nan if code is None else code for code in read])[indices]
        bad[where] = np.array([code is None for code in read])[indices]
    return values, bad


def from_record(read: Reader) -> Callable[[Any], float | None]:
    """How a typed cell of a table is read: as the same value in a record would be."""

    def code(value: Any) -> float | None:
        try:
            return float(read(value))
        except Unfit:
            return None

    return code


@dataclass(frozen=True)
class NumberColumn:
    field: Field
    style: NumberStyle = PLAIN

    def features(self) -> tuple[Feature, ...]:
        return (Feature(self.field.name, self.field.name, "number"),)

    def reader(self) -> Reader:
        return number_reader(self.field)

    @property
    def missing(self) -> frozenset[str]:
        return MISSING.union(text.strip().casefold() for text in self.field.missing)

    def many(self, array: pa.ChunkedArray, reference: Floats | float) -> tuple[Floats, Bools]:
        whole = flat(array)
        values, bad = parse_numbers(whole, self.style, self.missing)
        if bad.any() and is_text(whole.type):
            values, bad = self._restyled(whole, values, bad)
        for sentinel in (parse_number(text) for text in self.field.missing):
            if sentinel is not None:
                values[values == sentinel] = math.nan
        low, high = bounds(self.field)
        bad |= (values < low) | (values > high)
        if self.field.kind == "integer":
            bad |= values % 1 > 0
        return values, bad if self.field.nullable else bad | np.isnan(values)

    def _restyled(self, array: pa.Array, values: Floats, bad: Bools) -> tuple[Floats, Bools]:
        """This file may spell its numbers unlike the training file: the whole column is read in the style that
        leaves the fewest bad, and then the bad cells in the plain style."""
        spellings = array.filter(array.is_valid()).unique()[:STYLE_SAMPLE].to_pylist()
        other = guess_number_style(spellings, fallback=self.style)
        for style in {other: 0, PLAIN: 0}:
            values_2, bad_2 = parse_numbers(array, style, self.missing)
            if bad_2.sum() < bad.sum():
                values, bad = values_2, bad_2
        plain, still_bad = parse_numbers(array, PLAIN, self.missing)
        return np.where(bad, plain, values), bad & still_bad

    def reason(self, cell: str) -> str:
        if not cell.strip():
            return "must not be blank"
        if parse_number(cell, self.style, self.missing) is None and parse_number(cell) is None:
            return "is not a number"
        return "must be a whole number" if self.field.kind == "integer" else range_in_words(self.field)
