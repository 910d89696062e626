"""A chunk on disk: its table as Arrow, with the file's row numbers as last column, its problems in the metadata."""

from __future__ import annotations

import json
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc

from file_uploads.chunks import Chunk, Problem

PROBLEMS = b"problems"
ROW = "row"


def write_chunk(chunk: Chunk, path: Path) -> None:
    """Writes a chunk. The row numbers stand last, so that they need no name of their own among the file's columns."""
    problems = json.dumps([astuple(problem) for problem in chunk.problems])
    table = chunk.table.append_column(ROW, pa.array(chunk.rows, pa.int64()))
    table = table.replace_schema_metadata({PROBLEMS: problems})
    with ipc.new_file(path, table.schema) as target:
        target.write_table(table)


def read_chunk(path: Path) -> Chunk:
    """The chunk as it was written."""
    with pa.memory_map(str(path)) as source:
        table = ipc.open_file(source).read_all()
    problems = [Problem(*values) for values in json.loads((table.schema.metadata or {})[PROBLEMS])]
    last = table.num_columns - 1
    rows = table.column(last).to_numpy()
    return Chunk(np.asarray(rows, np.int64), table.remove_column(last).replace_schema_metadata(None), problems)


__all__ = ["read_chunk", "write_chunk"]
