"""Results and rejects on disk: written beside the place under another name, and put there whole or not at all."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

from platform_core.errors import FileRefused

FORMULA_STARTS = np.frombuffer(b"=+-@\t\r", np.uint8)
"""What a spreadsheet takes for the start of a formula (OWASP, CSV Injection)."""
_NUMBER = re.compile(r"[+-]?[\d\s.,'’%€$£()/:-]*\d[\d\s.,'’%€$£()/:eE+-]*")


def neutral(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts that a spreadsheet would run as a formula, with an apostrophe before them; numbers stay as they are."""
    if not pa.types.is_string(array.type):
        return array
    return pa.chunked_array([_neutral(chunk) for chunk in array.chunks] or [pa.array([], pa.string())])


def _neutral(chunk: pa.StringArray) -> pa.StringArray:
    suspects = np.flatnonzero(_suspicious(chunk))
    if not len(suspects):
        return chunk
    texts = chunk.take(pa.array(suspects)).to_pylist()
    mended = [text if _NUMBER.fullmatch(text) else f"'{text}" for text in texts]
    mask = np.zeros(len(chunk), bool)
    mask[suspects] = True
    return pc.replace_with_mask(chunk, pa.array(mask), pa.array(mended, pa.string()))


def _suspicious(chunk: pa.StringArray) -> npt.NDArray[np.bool_]:
    """Which texts start with such a character, read off their first bytes at once."""
    _, offsets, data = chunk.buffers()
    if data is None or not len(chunk) or not data.size:
        return np.zeros(len(chunk), bool)
    ends = np.frombuffer(offsets, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    first = np.frombuffer(data, np.uint8)[np.minimum(ends[:-1], data.size - 1)]
    return np.isin(first, FORMULA_STARTS) & (ends[1:] > ends[:-1])


class Whole:
    """A file that appears under its name only when the block ends well."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.part = path.with_name(f".{path.name}.{os.getpid()}.part")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is None:
            self.part.replace(self.path)
        else:
            self.part.unlink(missing_ok=True)
        if isinstance(problem, OSError):
            reason = problem.strerror or "the system refuses"
            raise FileRefused(f"{self.path} cannot be written: {reason}.") from None

    def close(self) -> None:
        """Closes what is open below."""


class ResultFile(Whole):
    """Result rows, as csv or parquet by the name's ending."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.parquet = path.suffix.lower() == ".parquet"
        self.writer: Any = None
        self.stream: IO[bytes] | None = None

    def write(self, table: pa.Table) -> None:
        """Appends rows; the first table's columns are the file's."""
        if self.parquet:
            self.writer = self.writer or pa_parquet.ParquetWriter(self.part, table.schema)
            self.writer.write_table(table.cast(self.writer.schema))
            return
        if self.stream is None:
            self.stream = self.part.open("wb")
            self.stream.write(",".join(map(_quoted, table.column_names)).encode() + b"\r\n")
        columns = [neutral(column) for column in table.columns]
        self.stream.write(_csv(pa.Table.from_arrays(columns, names=table.column_names)))

    def close(self) -> None:
        for opened in (self.writer, self.stream):
            if opened is not None:
                opened.close()


def _csv(table: pa.Table) -> bytes:
    """Rows as RFC 4180 text. Quotes are written only in parts where some value needs them."""
    for style in ("none", "needed"):
        out = pa.BufferOutputStream()
        options = pa_csv.WriteOptions(include_header=False, quoting_style=style, eol="\r\n")
        try:
            pa_csv.write_csv(table, out, options)
        except pa.ArrowInvalid:
            continue
        return bytes(out.getvalue())
    raise FileRefused("The results cannot be written as CSV. Write them as Parquet: name the output *.parquet.")


def _quoted(name: str) -> str:
    return f'"{name.replace(chr(34), chr(34) * 2)}"' if re.search(r'[",\r\n]', name) else name


class RejectFile(Whole):
    """Rejects: row, column, value, reason; one line for each thing that is wrong."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.stream = self.part.open("w", encoding="utf-8", newline="")
        self.lines = csv.writer(self.stream)
        self.lines.writerow(["row", "column", "value", "reason"])

    def write(self, row: int, column: str, value: str, reason: str) -> None:
        """One line."""
        formula = value[:1] in "=+-@\t\r" and not _NUMBER.fullmatch(value)
        self.lines.writerow([row, column, f"'{value}" if value and formula else value, reason])

    def close(self) -> None:
        self.stream.close()


__all__ = ["RejectFile", "ResultFile", "neutral"]
