"""What is looked at, once, before a column's kind is decided."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ml_services.parsing import MISSING, flat, is_text
from ml_services.spellings import CATEGORY_MISSING

SAMPLE = 500
"""Distinct spellings that guesses are made from; what is guessed is then checked on every row."""


@dataclass
class Traits:
    """One column: its name, cells in one piece with blanks as null, and lazily what is needed of them."""

    name: str
    array: pa.Array

    @classmethod
    def of(cls, name: str, column: pa.ChunkedArray) -> Traits:
        array = flat(column)
        if is_text(array.type):
            array = pc.if_else(pc.equal(array, ""), None, array)
        return cls(name, array)

    @property
    def text(self) -> bool:
        return is_text(self.array.type)

    @cached_property
    def coded(self) -> tuple[pa.Array, npt.NDArray[np.int64]]:
        """(distinct values in order of appearance, code of every row; -1 for null)."""
        encoded = self.array.dictionary_encode()
        codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
        return encoded.dictionary, codes

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """Rows of each distinct value."""
        values, codes = self.coded
        return np.bincount(codes[codes >= 0], minlength=len(values))

    @cached_property
    def spellings(self) -> list[str]:
        """A sample of the distinct texts, evenly taken, without those that mean "unknown" anywhere."""
        values = self.coded[0]
        step = max(1, len(values) // SAMPLE)
        texts = values.take(pa.array(np.arange(0, len(values), step)[:SAMPLE])).to_pylist()
        return [text for text in texts if text.strip().casefold() not in MISSING]

    @cached_property
    def level_counts(self) -> dict[str, int]:
        """Rows of each level, stripped; without "unknown". For columns whose distinct values are few."""
        totals: dict[str, int] = {}
        for value, count in zip(self.coded[0].to_pylist(), self.counts.tolist(), strict=True):
            text = str(value).strip()
            if text.casefold() not in CATEGORY_MISSING:
                totals[text] = totals.get(text, 0) + count
        return totals
