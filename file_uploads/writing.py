"""Results and rejects on disk: written beside the place under another name, and put there whole or not at all."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

from file_uploads.columnar import json_texts
from file_uploads.neutral import neutral, neutral_text
from platform_core.errors import FileRefused, InputInvalid

RejectLine = tuple[int, str, str, str]
"""Row number, column, value, reason."""
ENDINGS = (".csv", ".parquet")


def check_place(output: Path) -> None:
    """Raises InputInvalid where no result file can be written."""
    if output.suffix.lower() not in ENDINGS:
        raise InputInvalid(f"Results are written as .csv or .parquet, by the name's ending; {output.name} has neither.")
    if not output.parent.is_dir():
        raise InputInvalid(f"There is no folder {output.parent}.")
    if output.exists() and not output.is_file():
        raise InputInvalid(f"{output} is no file. Name a file.")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A place to write to. What is there becomes `path` when the block ends well, else it is removed."""
    part = path.with_name(f".{path.name[:200]}.{os.getpid()}.part")
    try:
        yield part
        if part.exists():
            part.replace(path)
    except OSError as problem:
        raise FileRefused(f"{path} cannot be written: {problem.strerror or 'the system refuses'}.") from None
    finally:
        part.unlink(missing_ok=True)


class ResultFile:
    """Result rows, as csv (RFC 4180, UTF-8) or parquet by the ending of `path`; written to `part`."""

    def __init__(self, path: Path, part: Path) -> None:
        self.parquet = path.suffix.lower() == ".parquet"
        self.part = part
        self.writer: pa_parquet.ParquetWriter | None = None
        self.stream: IO[bytes] | None = None
        self.schema: pa.Schema | None = None

    def write(self, table: pa.Table) -> None:
        """Appends rows. The first table settles columns and types."""
        table = _flat(table)
        if self.schema is None:
            self._begin(table.schema)
        elif table.schema != self.schema:
            table = table.select(self.schema.names).cast(self.schema)
        if self.writer is not None:
            self.writer.write_table(table)
        elif self.stream is not None and table.num_rows:
            columns = [neutral(column) for column in table.columns]
            write_rows(pa.Table.from_arrays(columns, names=table.column_names), self.stream)

    def _begin(self, schema: pa.Schema) -> None:
        self.schema = schema
        if self.parquet:
            self.writer = pa_parquet.ParquetWriter(self.part, schema)
            return
        self.stream = self.part.open("wb")
        names = [pa.array([neutral_text(name)], pa.string()) for name in schema.names]
        write_rows(pa.Table.from_arrays(names, names=schema.names), self.stream)

    def close(self) -> None:
        """Ends the file."""
        for opened in (self.writer, self.stream):
            if opened is not None:
                opened.close()


def _flat(table: pa.Table) -> pa.Table:
    """Columns that every format can hold: nested ones as JSON, those without any value as texts."""
    for at, column in enumerate(table.schema):
        if pa.types.is_nested(column.type):
            table = table.set_column(at, column.name, json_texts(table.column(at)))
        elif pa.types.is_null(column.type):
            table = table.set_column(at, column.name, table.column(at).cast(pa.string()))
    return table


def write_rows(table: pa.Table, stream: IO[bytes]) -> None:
    """Rows as RFC 4180 text. Quotes are written only in parts of a file where some value needs them."""
    for style in ("none", "needed"):
        out = pa.BufferOutputStream()
        options = pa_csv.WriteOptions(include_header=False, quoting_style=style, eol="\r\n", batch_size=8192)
        try:
            pa_csv.write_csv(_writable(table), out, options)
        except pa.ArrowInvalid:
            continue
        stream.write(out.getvalue())
        return
    raise FileRefused("The results cannot be written as CSV. Write them as Parquet: name the output *.parquet.")


def _writable(table: pa.Table) -> pa.Table:
    """Types that have no text of their own in CSV (decimals, times, durations) as texts."""
    for at, column in enumerate(table.schema):
        if pa.types.is_decimal(column.type) or pa.types.is_time(column.type) or pa.types.is_duration(column.type):
            texts = [None if value is None else str(value) for value in table.column(at).to_pylist()]
            table = table.set_column(at, column.name, pa.array(texts, pa.string()))
    return table


class RejectFile:
    """Rejects: row, column, value, reason; one line for each thing that is wrong. Without any there is a file only
    if `always`."""

    def __init__(self, part: Path, *, always: bool) -> None:
        self.part = part
        self.stream: IO[str] | None = None
        if always:
            self._begin()

    def _begin(self) -> IO[str]:
        self.stream = self.part.open("w", encoding="utf-8", newline="")
        csv.writer(self.stream).writerow(["row", "column", "value", "reason"])
        return self.stream

    def write(self, lines: Sequence[RejectLine]) -> None:
        """Appends lines."""
        if lines:
            stream = self.stream or self._begin()
            csv.writer(stream).writerows((row, *map(neutral_text, texts)) for row, *texts in lines)

    def close(self) -> None:
        """Ends the file."""
        if self.stream is not None:
            self.stream.close()


__all__ = ["RejectFile", "RejectLine", "ResultFile", "check_place", "whole", "write_rows"]
