"""Parquet keeps its types."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from file_uploads import columnar
from file_uploads.reading import open_table
from platform_core.errors import FileRefused


def test_types_are_kept_and_nested_values_are_json(tmp_path: Path) -> None:
    table = pa.table(
        {
            "number": [1.5, None],
            "day": [dt.date(2020, 1, 1), None],
            "kind": pa.array(["u", "v"]).dictionary_encode(),
            "nested": [{"a": [1, 2]}, None],
            "raw": [b"x", None],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    file = open_table(tmp_path / "t.parquet")
    read = file.read()
    assert read.schema.types == [pa.float64(), pa.date32(), pa.string(), pa.string(), pa.string()]
    assert read.column("nested").to_pylist() == ['{"a": [1, 2]}', None]
    assert "nested" in file.notes[0]


def test_chunks_are_numbered_on(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": list(range(250))}), tmp_path / "t.parquet")
    chunks = list(open_table(tmp_path / "t.parquet").chunks(100))
    assert [(chunk.rows[0], chunk.rows[-1]) for chunk in chunks] == [(1, 100), (101, 200), (201, 250)]


def test_damaged_empty_and_ambiguous_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": [1, 2, 3]}), path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FileRefused, match="damaged Parquet"):
        open_table(path)
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), path)
    with pytest.raises(FileRefused, match="no rows"):
        open_table(path)
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), path)
    with pytest.raises(FileRefused, match="2 columns called 'a'"):
        open_table(path)


def test_one_long_value_that_is_named_often_takes_no_room_of_its_own(tmp_path: Path) -> None:
    rows, long = 400, "x" * (1 << 20)
    note = pa.DictionaryArray.from_arrays(pa.array([0] * (rows - 1) + [None], pa.int32()), pa.array([long]))
    pq.write_table(pa.table({"a": range(rows), "note": note}), tmp_path / "t.parquet")
    chunks = list(islice(open_table(tmp_path / "t.parquet").chunks(100), 3))
    assert [chunk.count for chunk in chunks] == [8, 8, 8]  # of 100 that were asked for: 8 MB at a time
    assert chunks[0].table.column("note").to_pylist() == [long] * 8
    total = sum(chunk.count for chunk in open_table(tmp_path / "t.parquet").chunks(100))
    assert total == rows


def test_a_file_whose_values_come_to_thousands_of_times_its_size_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columnar, "BOMB_FLOOR_BYTES", 64 << 20)
    note = pa.DictionaryArray.from_arrays(pa.array([0] * 20_000, pa.int32()), pa.array(["x" * (1 << 20)]))
    pq.write_table(pa.table({"note": note}), tmp_path / "t.parquet")
    seen = 0
    with pytest.raises(FileRefused, match="no table packs like that"):
        for chunk in open_table(tmp_path / "t.parquet").chunks(25_000):
            seen += chunk.table.nbytes
    assert seen <= 250 * (tmp_path / "t.parquet").stat().st_size + (64 << 20)
