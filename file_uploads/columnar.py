"""Parquet files as chunks. Columns keep their types; nested ones become JSON texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from file_uploads.charsets import BOMB_RATIO
from file_uploads.chunks import Chunk
from file_uploads.headers import name_columns
from platform_core.errors import FileRefused

BOMB_FLOOR_ROWS = 16_000_000
"""Rows that are all the same pack to nothing; with more of them than this, and than BOMB_RATIO for each byte, it is a
bomb."""

BOMB_FLOOR_BYTES = 2 << 30
"""What values may come to, however small the file: a real table of few different values packs well."""
PART_BYTES = 8 << 20
"""Values that are taken from their dictionary at a time: a long value that is named a million times takes its room once
until then."""

TEXTS = (pa.string(), pa.large_string(), pa.binary(), pa.large_binary())

Opened = tuple[tuple[str, ...], dict[str, str], list[str], Callable[[int], Iterator[Chunk]]]
"""Columns, dialect, notes, and the opener of chunks of a table file."""


def open_parquet(path: Path, name: str) -> Opened:
    """Checks the schema; reads nothing yet."""
    try:
        with pq.ParquetFile(path) as stored:
            schema, rows, by = stored.schema_arrow, stored.metadata.num_rows, stored.metadata.created_by
            heaviest = _heaviest(stored.metadata)
    except (pa.ArrowException, OSError):
        raise _damaged(name) from None
    if not rows:
        raise FileRefused(f"{name} has columns and no rows. Give at least one row.")
    if rows > max(BOMB_FLOOR_ROWS, BOMB_RATIO * path.stat().st_size):
        raise FileRefused(
            f"{name} has {rows:,} rows in {path.stat().st_size:,} bytes: no table packs like that. Give it as CSV if "
            "it is one."
        )
    columns, notes = name_columns(list(schema.names), len(schema.names), name)
    nested = [field.name for field in schema if pa.types.is_nested(field.type)]
    if nested:
        notes.append(f"Nested columns were read as JSON texts: {', '.join(nested[:10])}.")

    texts = [field.name for field in schema if field.type in TEXTS]

    def chunks(size: int) -> Iterator[Chunk]:
        start, most = 1, max(BOMB_FLOOR_BYTES, BOMB_RATIO * path.stat().st_size)
        try:
            with pq.ParquetFile(path, read_dictionary=texts) as stored:
                for part in _parts(stored.iter_batches(batch_size=max(1, min(size, PART_BYTES // heaviest)))):
                    table = pa.Table.from_arrays([_plain(column) for column in part.columns], names=columns)
                    most -= table.nbytes
                    if most < 0:
                        raise FileRefused(
                            f"{name} unpacks to more than {BOMB_RATIO} times its size: no table packs like that. Give "
                            "it as CSV if it is one."
                        )
                    numbers = np.arange(start, start + table.num_rows, dtype=np.int64)
                    start += table.num_rows
                    yield Chunk(numbers, table, fraction=(start - 1) / rows)
        except (pa.ArrowException, OSError):
            raise _damaged(name) from None

    return tuple(columns), {"format": "parquet", "written_by": str(by)}, notes, chunks


def _heaviest(stored: pq.FileMetaData) -> int:
    """Bytes of a row in the heaviest group of rows, as written before packing; at least 1."""
    groups = [stored.row_group(at) for at in range(stored.num_row_groups)]
    heaviest: int = max([1, *(group.total_byte_size // max(1, group.num_rows) for group in groups)])
    return heaviest


def _parts(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in parts that stay small without their dictionaries; a row is never cut."""
    for batch in batches:
        sizes = np.zeros(batch.num_rows, np.int64)
        for column in batch.columns:
            if pa.types.is_dictionary(column.type):
                lengths = pc.binary_length(column.dictionary).take(column.indices)
                sizes += pc.fill_null(lengths, 0).to_numpy(zero_copy_only=False)
        ends, start = sizes.cumsum(), 0
        while start < batch.num_rows:
            before = int(ends[start - 1]) if start else 0
            end = max(start + 1, int(np.searchsorted(ends, before + PART_BYTES, "right")))
            yield batch.slice(start, end - start)
            start = end


def _damaged(name: str) -> FileRefused:
    return FileRefused(f"{name} is a damaged Parquet file, or breaks off before its end. Write it again.")


def _plain(column: pa.Array) -> pa.Array:
    """The column without dictionary or nesting."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.dictionary_decode())
    if pa.types.is_nested(kind):
        return json_texts(column)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.array([_decoded(value.as_py()) for value in column], pa.string())
    return column


def json_texts(column: pa.Array) -> pa.Array:
    """Every value as JSON, null as null."""
    return pa.array([None if value is None else _json(value) for value in column.to_pylist()], pa.string())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _decoded(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "replace")


__all__ = ["Opened", "json_texts", "open_parquet"]
