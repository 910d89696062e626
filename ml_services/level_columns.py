"""Columns of levels: yes/no and categories, and how their levels are learned."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml_services.base import Field
from ml_services.checking import category_reader, yes_no_reader, yes_no_spellings
from ml_services.encoded_columns import Feature, by_spelling, from_record
from ml_services.parsing import MISSING, Bools, Floats, flat, is_text
from ml_services.spellings import CATEGORY_MISSING, parse_number
from ml_services.value_problems import Reader
from ml_services.yes_no import NO_WORDS, YES_WORDS

MOST_LEVELS = 100
"""Levels kept apart; a model learns little from the hundredth, and a form cannot show more."""
LEAST_ROWS_A_LEVEL = 10
SMALLEST_SHARE_OF_ROWS = 200
"""In small tables a level is rare below a 200th of the rows, but never below 3."""
OTHER = "(other)"
SHORTEST_FOLDED = 2
"""Single letters may be codes in which case matters."""


@dataclass(frozen=True)
class YesNoColumn:
    field: Field

    def features(self) -> tuple[Feature, ...]:
        return (Feature(self.field.name, self.field.name, "number"),)

    def reader(self) -> Reader:
        return yes_no_reader(self.field)

    def many(self, array: pa.ChunkedArray, reference: Floats | float) -> tuple[Floats, Bools]:
        no, yes = yes_no_spellings(self.field)
        missing = MISSING.union(text.casefold() for text in self.field.missing)
        typed = from_record(self.reader())

        def odd(value: Any) -> float | None:
            if not isinstance(value, str):
                return typed(value)
            folded = value.strip().casefold()
            if folded in (no.casefold(), yes.casefold()):
                return float(folded == yes.casefold())
            if folded in missing:
                return math.nan
            return 1.0 if folded in YES_WORDS else 0.0 if folded in NO_WORDS else None

        values, bad = by_spelling(flat(array), {no: 0.0, yes: 1.0}, odd)
        return values, bad if self.field.nullable else bad | np.isnan(values)

    def reason(self, cell: str) -> str:
        no, yes = yes_no_spellings(self.field)
        return f"must be {yes!r} or {no!r}" if cell.strip() else "must not be blank"


@dataclass(frozen=True)
class CategoryColumn:
    """`codes` maps the spellings to codes. Where `other`, the last of `levels` is for all other spellings."""

    field: Field
    levels: tuple[str, ...]
    codes: dict[str, float]
    other: bool = False

    def features(self) -> tuple[Feature, ...]:
        return (Feature(self.field.name, self.field.name, "category", self.levels),)

    @property
    def unseen(self) -> float:
        return float(len(self.levels) - 1) if self.other else math.nan

    def reader(self) -> Reader:
        return category_reader(self.field, self.codes, self.unseen)

    def many(self, array: pa.ChunkedArray, reference: Floats | float) -> tuple[Floats, Bools]:
        typed = from_record(self.reader())
        blanks = CATEGORY_MISSING.union(text.casefold() for text in self.field.missing)
        folded = {text.casefold(): code for text, code in reversed(self.codes.items())} if self.field.closed else {}

        def odd(value: Any) -> float | None:
            if not isinstance(value, str):
                return typed(value)
            text = value.strip()
            if text.casefold() in blanks:
                return math.nan if self.field.nullable or not self.field.closed else None
            code = self.codes.get(text, self.codes.get(text.casefold(), folded.get(text.casefold())))
            return code if code is not None else (None if self.field.closed else self.unseen)

        whole = flat(array)
        values, bad = by_spelling(whole, self.codes, odd)
        if not self.field.nullable:
            bad |= np.asarray(whole.is_null().to_numpy(zero_copy_only=False))
        return values, bad

    def reason(self, cell: str) -> str:
        if not cell.strip():
            return "must not be blank"
        return "must be one of: " + ", ".join(self.levels[: 1 + 20]) + ("…" if len(self.levels) > 21 else "")


def level_order(text: str) -> tuple[float, str]:
    """Numbers by size, then texts by alphabet."""
    number = parse_number(text)
    return (math.inf if number is None or number != number else number, text)


def as_texts(array: pa.Array) -> pa.Array:
    """Levels are texts: 1, 2.5, true, as JSON spells them."""
    array = flat(array)
    return array if is_text(array.type) else array.cast(pa.string())


def learn_levels(field: Field, array: pa.ChunkedArray) -> CategoryColumn:
    """Frequent levels keep a code each; rare ones, where there are any, share one with all that will be unseen.
    Spellings that differ in case alone (MALE, Male) are one level, called by the commonest of them."""
    counted = pc.value_counts(pc.utf8_trim_whitespace(as_texts(array)).drop_null())
    blanks = CATEGORY_MISSING.union(text.casefold() for text in field.missing)
    counts = {
        text: count
        for text, count in zip(counted.field(0).to_pylist(), counted.field(1).to_pylist(), strict=True)
        if text.casefold() not in blanks
    }
    ranked = sorted(counts, key=lambda text: (-counts[text], text))
    called: dict[str, str] = {}
    totals: dict[str, int] = {}
    for text in ranked:
        name = called.setdefault(text.casefold() if len(text) >= SHORTEST_FOLDED else text, text)
        totals[name] = totals.get(name, 0) + counts[text]
    least = max(3, min(LEAST_ROWS_A_LEVEL, len(array) // SMALLEST_SHARE_OF_ROWS))
    names = sorted(totals, key=lambda name: (-totals[name], name))
    kept = sorted(
        [name for name in names if totals[name] >= least][:MOST_LEVELS] or names[:MOST_LEVELS], key=level_order
    )
    codes = {name: float(code) for code, name in enumerate(kept)}
    for spelled, name in called.items():
        if name in codes:
            codes.setdefault(spelled, codes[name])
    other = len(kept) < len(names)
    return CategoryColumn(field, (*kept, OTHER) if other else tuple(kept), codes, other)


def declared_levels(field: Field) -> CategoryColumn:
    codes = {text: float(code) for code, text in enumerate(field.choices)}
    return CategoryColumn(field, field.choices, codes)
