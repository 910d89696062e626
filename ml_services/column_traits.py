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
MOST_LEVELS_COUNTED = 10_000


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
    def coded(self) -> tuple[pa.Array, npt.NDArray[np.int32]]:
        """(distinct values in order of appearance, code of every row; -1 for null)."""
        encoded = self.array.dictionary_encode()
        return encoded.dictionary, pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """Rows of each distinct value; 0 for those that mean "unknown" anywhere."""
        values, codes = self.coded
        counts = np.bincount(codes[codes >= 0], minlength=len(values))
        if self.text:
            folded = pc.utf8_lower(pc.utf8_trim_whitespace(values))
            blank = pc.is_in(folded, value_set=pa.array(sorted(CATEGORY_MISSING), type=folded.type))
            counts[np.asarray(blank.to_numpy(zero_copy_only=False))] = 0
        return counts

    @cached_property
    def spellings(self) -> list[str]:
        """A sample of the distinct texts, evenly taken, without those that mean "unknown" anywhere."""
        values = self.coded[0]
        step = max(1, len(values) // SAMPLE)
        texts = values.take(pa.array(np.arange(0, len(values), step)[:SAMPLE])).to_pylist()
        return [text for text in texts if text.strip().casefold() not in MISSING]

    @cached_property
    def level_counts(self) -> dict[str, int]:
        """Rows of each level, stripped, without "unknown"; of very many only the most frequent."""
        counts = self.counts
        kept = np.flatnonzero(counts)
        if len(kept) > MOST_LEVELS_COUNTED:
            kept = np.sort(kept[np.argsort(-counts[kept], kind="stable")[:MOST_LEVELS_COUNTED]])
        totals: dict[str, int] = {}
        for value, count in zip(self.coded[0].take(pa.array(kept)).to_pylist(), counts[kept].tolist(), strict=True):
            text = str(value).strip()
            totals[text] = totals.get(text, 0) + count
        return totals
