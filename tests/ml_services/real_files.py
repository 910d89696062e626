"""The real files that some tests read, all cells as text, where they are present."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import csv as arrow_csv

ROOT = Path(os.environ.get("SHARED_DATA") or Path(__file__).parents[2].parent / "shared" / "data")


def real_table(name: str) -> pa.Table:
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"the real file {name} is not on this machine")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        head = stream.readline()
    delimiter = max(",;", key=head.count)
    names = next(csv.reader([head.strip()], delimiter=delimiter))
    return arrow_csv.read_csv(
        path,
        parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )
