"""A part of a file that is read at a time, whatever its format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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


def of_rows(chunks: Iterable[Chunk], rows: int, most_bytes: int) -> Iterator[Chunk]:
    """The same rows, exactly `rows` at a time; fewer where they come to `most_bytes`, and at the end. What the blocks
    were that they came in does not show."""
    held: list[Chunk] = []
    count = size = 0
    for chunk in chunks:
        rest = chunk
        while count + rest.count >= rows:
            first, rest = _split(rest, rows - count)
            yield _joined([*held, first])
            held, count, size = [], 0, 0
        if rest.count:
            held.append(rest)
            count, size = count + rest.count, size + rest.table.nbytes
        if size >= most_bytes:
            yield _joined(held)
            held, count, size = [], 0, 0
    if held:
        yield _joined(held)


def _split(chunk: Chunk, rows: int) -> tuple[Chunk, Chunk]:
    """The first rows, and the others."""
    if rows >= chunk.count:
        return chunk, Chunk(chunk.rows[:0], chunk.table.slice(0, 0), [], chunk.fraction)
    first = min([*map(int, chunk.rows[:1]), *(problem.row for problem in chunk.problems)])
    good = int(np.searchsorted(chunk.rows, first + rows))
    early = [problem for problem in chunk.problems if problem.row < first + rows]
    late = [problem for problem in chunk.problems if problem.row >= first + rows]
    return (
        Chunk(chunk.rows[:good], chunk.table.slice(0, good), early, chunk.fraction),
        Chunk(chunk.rows[good:], chunk.table.slice(good), late, chunk.fraction),
    )


def _joined(parts: list[Chunk]) -> Chunk:
    if len(parts) == 1:
        return parts[0]
    table = pa.concat_tables([part.table for part in parts]).combine_chunks()
    problems = [problem for part in parts for problem in part.problems]
    return Chunk(np.concatenate([part.rows for part in parts]), table, problems, parts[-1].fraction)


def text_table(rows: Sequence[Sequence[str]], names: Sequence[str]) -> pa.Table:
    """Rows of texts as an all-text table."""
    columns: Sequence[Sequence[str]] = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.Table.from_arrays(arrays, names=list(names))


__all__ = ["Chunk", "Problem", "of_rows", "text_table"]
