"""Files as tables: any of the formats, whole or in chunks, with a clear answer for what is no table."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from file_uploads.charsets import TextSource, find_charset
from file_uploads.chunks import Chunk, Problem, of_rows
from file_uploads.columnar import open_parquet
from file_uploads.delimited import Reading
from file_uploads.dialects import Sniffed, sniff
from file_uploads.formats import read_head, recognise
from file_uploads.headers import name_columns
from file_uploads.records import MAX_RECORD_BYTES, split_lines
from file_uploads.workbooks import open_workbook
from platform_core.errors import FileRefused

CHUNK_ROWS = 50_000
MAX_BYTES = 2 << 30
"""The most that is taken whole, for training; reading in chunks needs no limit (`max_bytes=None`)."""
SAMPLE_BYTES = 256 << 10
MIN_BLOCK_BYTES = 64 << 10
MAX_BLOCK_BYTES = 8 << 20
MAX_LEFT_OUT_SHARE = 0.5


@dataclass
class TableFile:
    """A file that is a table. `dialect`: how it is written, for the model card. `notes`: what a person should
    know of how it was read; complete after a pass."""

    path: Path
    name: str
    format: str
    columns: tuple[str, ...]
    dialect: dict[str, str]
    notes: list[str]
    open_chunks: Callable[[int], Iterator[Chunk]]
    max_bytes: int | None = MAX_BYTES
    problems: list[Problem] = field(default_factory=list)
    """The rows that `read` left out."""

    @cached_property
    def sha256(self) -> str:
        """The digest of the file's bytes."""
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def chunks(self, rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
        """All rows in order, `rows` at a time at most, in bounded memory; asked again, the same chunks."""
        return self.open_chunks(rows)

    def read(self) -> pa.Table:
        """The whole table; rows that cannot be read are left out, and counted in the notes."""
        tables, size = [], 0
        self.problems = []
        for chunk in self.chunks():
            tables.append(chunk.table)
            self.problems += chunk.problems
            size += chunk.table.nbytes
            if self.max_bytes is not None and size > self.max_bytes:
                raise FileRefused(f"{self.name} holds more than {self.max_bytes / 1e9:.1f} GB of values. Give a part.")
        table = pa.concat_tables(tables) if tables else None
        if table is None or len(self.problems) > MAX_LEFT_OUT_SHARE * (table.num_rows + len(self.problems)):
            raise FileRefused(f"{self.name} has no rows that can be read. {self._first_problem()}")
        if self.problems:
            note = f"{len(self.problems):,} row(s) were left out. {self._first_problem()}"
            self.notes[:] = [old for old in self.notes if "left out" not in old] + [note]
        return table

    def _first_problem(self) -> str:
        if not self.problems:
            return ""
        return f"Row {self.problems[0].row:,}: {self.problems[0].reason}."


def open_table(
    path: Path,
    *,
    declared_name: str | None = None,
    header: bool | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    max_bytes: int | None = MAX_BYTES,
) -> TableFile:
    """Recognises the file by its content and finds its columns; its rows are read later. `header`, `delimiter` and
    `encoding` are found out where not given. Raises FileRefused with what is wrong and what to do."""
    name = declared_name or path.name
    head = read_head(path, name)
    size = path.stat().st_size
    if max_bytes is not None and size > max_bytes:
        raise FileRefused(f"{name} has {size / 1e9:.1f} GB; the most taken is {max_bytes / 1e9:.1f} GB. Split it.")
    found = recognise(path, head, name)
    if found == "parquet":
        return TableFile(path, name, found, *open_parquet(path, name), max_bytes)
    if found == "xlsx":
        return TableFile(path, name, found, *open_workbook(path, name, header), max_bytes)
    source = find_charset(path, name, packed=found == "gzip", limit=max_bytes, encoding=encoding)
    sample, complete = _sample(source)
    sniffed = sniff(sample, complete=complete, header=header, delimiter=delimiter)
    return _delimited(source, sniffed, sample, complete, max_bytes)


def _sample(source: TextSource) -> tuple[str, bool]:
    """The first whole lines, and whether they are all there is."""
    held = b""
    for block in source.blocks():
        held += block
        whole = max(held.rfind(b"\n"), held.rfind(b"\r"))
        if len(held) >= SAMPLE_BYTES and whole > 0:
            return held[: whole + 1].decode("utf-8", "replace"), False
        if len(held) > MAX_RECORD_BYTES:
            limit = MAX_RECORD_BYTES >> 20
            raise FileRefused(f"{source.name}: its first line is longer than {limit} MB. Is it a table with line ends?")
    text = held.decode("utf-8", "replace")
    if not text.strip():
        raise FileRefused(f"{source.name} holds nothing but blanks. Give a line of column names and at least one row.")
    return text, True


def _delimited(source: TextSource, sniffed: Sniffed, sample: str, complete: bool, max_bytes: int | None) -> TableFile:
    lines = split_lines(sample)
    data = lines[sniffed.dialect.skip_lines :]
    if complete and not any(line.strip(" \r\n") for line in data):
        raise FileRefused(f"{source.name} has column names and no rows. Give at least one row.")
    names, notes = name_columns(sniffed.names, sniffed.width, source.name)
    row_bytes = max(1, len(sample) // max(1, len(lines)))

    def chunks(rows: int) -> Iterator[Chunk]:
        block_bytes = min(max(rows * row_bytes, MIN_BLOCK_BYTES), MAX_BLOCK_BYTES)
        reading = Reading(source, sniffed.dialect, names, block_bytes)
        yield from of_rows(reading.chunks(), rows, MAX_BLOCK_BYTES)
        table.notes[:] = [*table.notes[: len(first_notes)], *reading.notes()]

    first_notes = [*sniffed.notes, *notes, *source.notes()]
    dialect = sniffed.describe(source)
    kind = "gzip" if source.packed else "text"
    table = TableFile(source.path, source.name, kind, tuple(names), dialect, list(first_notes), chunks, max_bytes)
    return table


__all__ = ["CHUNK_ROWS", "MAX_BYTES", "Chunk", "Problem", "TableFile", "open_table"]
