"""Delimited text as chunks: pyarrow's reader for every block that keeps to the rules, ours for the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from file_uploads.boundaries import LINE_END, after_lines, clean_quotes, last_end, tabbed
from file_uploads.charsets import TextSource
from file_uploads.chunks import Chunk, Problem, text_table
from file_uploads.records import MAX_RECORD_BYTES, Dialect, Found, read_alone, read_records, split_lines
from platform_core.errors import FileRefused

SHOWN_CHARACTERS = 200


@dataclass(slots=True)
class Reading:
    """One pass over a delimited file; `block_bytes` is about as much as a chunk holds. Counts what was mended."""

    source: TextSource
    dialect: Dialect
    names: list[str]
    block_bytes: int
    unfolded: int = 0
    stray: int = 0
    rows: int = 0
    _end: bytes = field(init=False, default=b"\n")

    def chunks(self) -> Iterator[Chunk]:
        """Every row of the file, once, in order."""
        self._end = b"\r" if self.dialect.line_end == "CR" else b"\n"
        held, seen, target = b"", 0, self.block_bytes
        for block in after_lines(self.source.blocks(), self.dialect.skip_lines):
            held += block
            seen += len(block)
            if len(held) < target:
                continue
            chunk, held = self._take(held, last=False)
            target = max(self.block_bytes, 2 * len(held))
            if chunk is not None:
                chunk.fraction = min(1.0, seen / max(1, self.source.size))
                yield self._without_repeats(chunk)
        while held:
            chunk, held = self._take(held, last=True)
            if chunk is not None:
                chunk.fraction = 1.0
                yield self._without_repeats(chunk)

    def _without_repeats(self, chunk: Chunk) -> Chunk:
        """Files that were put together from several repeat the line of names: no row, and no answer to it."""
        repeats = pc.equal(chunk.table.column(0), self.names[0])
        if not self.dialect.header or len(self.names) == 1 or not pc.any(repeats).as_py():
            return chunk
        for name in self.names[1:]:
            repeats = pc.and_(repeats, pc.equal(chunk.table.column(name), name))
        found = chunk.rows[repeats.to_numpy()]
        chunk.problems += [Problem(int(row), "", self.names[0], "the row repeats the column names") for row in found]
        return Chunk(
            chunk.rows[~repeats.to_numpy()], chunk.table.filter(pc.invert(repeats)), chunk.problems, chunk.fraction
        )

    def notes(self) -> list[str]:
        """What had to be mended in this pass."""
        notes = []
        if self.unfolded:
            notes.append(f"{self.unfolded:,} row(s) arrived as one quoted value holding the whole row; unfolded.")
        if self.stray:
            notes.append(f"{self.stray:,} row(s) have quotes that do not pair up; read as they stand.")
        return notes

    def _take(self, held: bytes, *, last: bool) -> tuple[Chunk | None, bytes]:
        """The whole records in `held` as a chunk, and the rest."""
        cut = self._cut(held, last=last)
        if cut is None:
            whole = len(held) if last else held.rfind(self._end) + 1
            chunk, rest = self._tolerant(held[:whole], complete=last)
            return chunk, rest + held[whole:]
        if not cut:
            if len(held) < MAX_RECORD_BYTES:
                return None, held
            return self._force(held)
        table = self._fast(held[:cut])
        if table is None:
            return self._tolerant(held[:cut], complete=True)[0], held[cut:]
        if not table.num_rows:
            return None, held[cut:]
        numbers = np.arange(self.rows + 1, self.rows + 1 + table.num_rows, dtype=np.int64)
        self.rows += table.num_rows
        return Chunk(numbers, table), held[cut:]

    def _cut(self, held: bytes, *, last: bool) -> int | None:
        """Where the last whole record ends, 0 where none does, None where only reading line by line can tell."""
        dialect = self.dialect
        if b"\x00" in held or dialect.escape or dialect.skip_space or not dialect.delimiter.isascii():
            return None
        quotes = clean_quotes(held, dialect)
        if quotes is None:
            return None
        if last:
            return None if len(quotes) % 2 else len(held)
        return last_end(held, self._end, quotes)

    def _fast(self, block: bytes) -> pa.Table | None:
        """The block by pyarrow, or None where a row of it has not the right number of values."""
        quote, delimiter = self.dialect.quote, self.dialect.delimiter
        if delimiter == " ":
            block, delimiter = tabbed(block), "\t"
        parse = pa_csv.ParseOptions(delimiter=delimiter, quote_char=quote or False, newlines_in_values=bool(quote))
        text = dict.fromkeys(self.names, pa.string())
        try:
            return pa_csv.read_csv(
                pa.BufferReader(block),
                pa_csv.ReadOptions(column_names=self.names, block_size=len(block) + 1),
                parse,
                pa_csv.ConvertOptions(column_types=text, null_values=[], strings_can_be_null=False),
            )
        except pa.ArrowException:
            return None

    def _tolerant(self, text: bytes, *, complete: bool) -> tuple[Chunk | None, bytes]:
        """The records of `text` one by one, and what follows the last whole one."""
        lines = split_lines(text.decode("utf-8", "replace"))
        rows: list[list[str]] = []
        numbers: list[int] = []
        problems: list[Problem] = []
        used = 0
        for found in read_records(lines, self.dialect, len(self.names), complete=complete):
            used = found.line + found.lines
            self._place(found, lines, rows, numbers, problems)
        rest = b"" if complete else "".join(lines[used:]).encode()
        if not used:
            return self._force(rest) if len(rest) >= MAX_RECORD_BYTES else (None, rest)
        return Chunk(np.array(numbers, np.int64), text_table(rows, self.names), problems), rest

    def _place(
        self, found: Found, lines: list[str], rows: list[list[str]], numbers: list[int], problems: list[Problem]
    ) -> None:
        """Puts a record among the rows or among the problems."""
        self.rows += 1
        self.stray += found.stray
        self.unfolded += found.unfolded
        reason, column, value = found.problem, "", lines[found.line].rstrip("\r\n")
        for name, text in zip(self.names, found.values, strict=False):
            if not reason and "\x00" in text:
                reason, column, value = "holds a NUL byte", name, text
        if reason:
            problems.append(Problem(self.rows, column, value[:SHOWN_CHARACTERS], f"the row {reason}"))
        else:
            rows.append(found.values)
            numbers.append(self.rows)

    def _force(self, held: bytes) -> tuple[Chunk | None, bytes]:
        """The first line by itself: its quote has been open for longer than any row is."""
        line_end = LINE_END.search(held)
        if line_end is None or line_end.end() > MAX_RECORD_BYTES:
            limit = MAX_RECORD_BYTES >> 20
            raise FileRefused(
                f"{self.source.name}: row {self.rows + 1:,} is longer than {limit} MB. Is it a table with line ends?"
            )
        line = held[: line_end.end()].decode("utf-8", "replace")
        rows: list[list[str]] = []
        numbers: list[int] = []
        problems: list[Problem] = []
        self._place(read_alone(line, 0, self.dialect, len(self.names)), [line], rows, numbers, problems)
        chunk = Chunk(np.array(numbers, np.int64), text_table(rows, self.names), problems)
        return chunk, held[line_end.end() :]


__all__ = ["Reading"]
