"""A part of a file that is read at a time, whatever its format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that could not be read. `row` counts from 1 for the first data row of the file."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(slots=True)
class Chunk:
    """Consecutive rows: `rows[i]` is the number of the table's row i; rows in `problems` are not in the table.
    `fraction` of the file was read when this chunk ended."""

    rows: npt.NDArray[np.int64]
    table: pa.Table
    problems: list[Problem] = field(default_factory=list)
    fraction: float = 0.0

    @property
    def count(self) -> int:
        """All the rows read."""
        return len(self.rows) + len(self.problems)


def text_table(rows: Sequence[Sequence[str]], names: Sequence[str]) -> pa.Table:
    """Rows of texts as an all-text table."""
    columns: Sequence[Sequence[str]] = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.Table.from_arrays(arrays, names=list(names))


__all__ = ["Chunk", "Problem", "text_table"]
