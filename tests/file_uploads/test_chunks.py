"""Rows in parts of a size, whatever the blocks were that they came in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from file_uploads import charsets
from file_uploads.chunks import Chunk, Problem, of_rows, text_table
from file_uploads.reading import open_table

MUCH = 1 << 30


def blocks(sizes: list[int], bad: tuple[int, ...] = ()) -> Iterator[Chunk]:
    """Blocks of so many rows, some of which could not be read."""
    start = 1
    for size in sizes:
        numbers = range(start, start + size)
        good = [number for number in numbers if number not in bad]
        problems = [Problem(number, "", "", "is odd") for number in numbers if number in bad]
        yield Chunk(np.array(good, np.int64), text_table([[f"v{number}"] for number in good], ["v"]), problems)
        start += size


@pytest.mark.parametrize("sizes", [[35], [1] * 35, [3, 32], [20, 15], [10, 10, 10, 5], [0, 35, 0]])
@pytest.mark.parametrize("bad", [(), (1,), (10, 11, 20), tuple(range(8, 25)), tuple(range(1, 36))])
def test_all_rows_come_in_parts_of_one_size(sizes: list[int], bad: tuple[int, ...]) -> None:
    parts = list(of_rows(blocks(sizes, bad), 10, MUCH))
    assert [part.count for part in parts] == [10, 10, 10, 5]
    for at, part in enumerate(parts):
        mine = range(10 * at + 1, 10 * at + 1 + part.count)
        assert part.rows.tolist() == [number for number in mine if number not in bad]
        assert part.table["v"].to_pylist() == [f"v{number}" for number in mine if number not in bad]
        assert [problem.row for problem in part.problems] == [number for number in mine if number in bad]


def test_wide_rows_are_fewer() -> None:
    parts = list(of_rows(blocks([5] * 6), 10, 1))
    assert [part.count for part in parts] == [5] * 6


@pytest.mark.parametrize("block", [1 << 12, 1 << 16, 1 << 20])
def test_a_narrow_file_is_cut_at_the_same_rows_whatever_its_blocks(
    block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "in.csv"
    path.write_text("a,b\n" + "".join(f"{at},{at % 7}\n" for at in range(70_000)), encoding="utf-8")
    monkeypatch.setattr(charsets, "BLOCK_BYTES", block)
    source = open_table(path)
    first, again = list(source.chunks(25_000)), list(source.chunks(25_000))
    assert [chunk.count for chunk in first] == [25_000, 25_000, 20_000]
    assert [chunk.table.equals(other.table) for chunk, other in zip(first, again, strict=True)] == [True] * 3
