"""Parquet files as chunks. Columns keep their types; nested ones become JSON texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from file_uploads.charsets import BOMB_RATIO
from file_uploads.chunks import Chunk
from file_uploads.headers import name_columns
from platform_core.errors import FileRefused

BOMB_FLOOR_ROWS = 16_000_000
"""Rows that are all the same pack to nothing; with more of them than this, and than BOMB_RATIO for each byte, it is a
bomb."""

Opened = tuple[tuple[str, ...], dict[str, str], list[str], Callable[[int], Iterator[Chunk]]]
"""Columns, dialect, notes, and the opener of chunks of a table file."""


def open_parquet(path: Path, name: str) -> Opened:
    """Checks the schema; reads nothing yet."""
    try:
        with pq.ParquetFile(path) as stored:
            schema, rows, by = stored.schema_arrow, stored.metadata.num_rows, stored.metadata.created_by
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

    def chunks(size: int) -> Iterator[Chunk]:
        start = 1
        try:
            with pq.ParquetFile(path) as stored:
                for batch in stored.iter_batches(batch_size=size):
                    table = pa.Table.from_arrays([_plain(column) for column in batch.columns], names=columns)
                    numbers = np.arange(start, start + table.num_rows, dtype=np.int64)
                    start += table.num_rows
                    yield Chunk(numbers, table, fraction=(start - 1) / rows)
        except (pa.ArrowException, OSError):
            raise _damaged(name) from None

    return tuple(columns), {"format": "parquet", "written_by": str(by)}, notes, chunks


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
