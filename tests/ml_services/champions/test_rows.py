"""Rows told by their digests."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from ml_services.champions import rows
from ml_services.champions.rows import HELD, LEARNED, NEW, KnownRows, digests, matrix_digests

TABLE = pa.table({"id": ["a", "b", "c", "d"], "n": ["1", "2.50", "", "007"], "flag": ["Yes", " no", "NA", "x"]})


def same(one: pa.Table, other: pa.Table) -> list[bool]:
    return list(digests(one, TABLE.column_names) == digests(other, TABLE.column_names))


def test_a_cell_counts_by_its_content_however_it_is_spelled_or_typed() -> None:
    other = pa.table({"flag": ["yes", "no", None, "X"], "n": ["1.0", "2.5", None, "7"], "id": ["A", "b", "c", "d"]})
    assert same(TABLE, other) == [True, True, True, False]
    typed = pa.table({"id": TABLE["id"].dictionary_encode(), "n": pa.array([1, 2.5, None, 7]), "flag": TABLE["flag"]})
    assert same(TABLE, typed) == [True, True, True, False]
    whole = pa.table({"n": pa.array([1, 2])})
    assert (digests(whole, ["n"]) == digests(pa.table({"n": ["1", "2"]}), ["n"])).all()


def test_values_that_change_places_are_another_row() -> None:
    one, other = pa.table({"a": ["x"], "b": ["y"]}), pa.table({"a": ["y"], "b": ["x"]})
    assert digests(one, ["a", "b"]) != digests(other, ["a", "b"])


def test_other_columns_do_not_matter() -> None:
    more = TABLE.append_column("target", pa.array([1, 2, 3, 4]))
    assert same(TABLE, more) == [True] * 4


def test_rows_are_known_as_learned_held_or_new_through_a_file() -> None:
    known = KnownRows.of(TABLE, TABLE.column_names, np.array([True, False, True, True]))
    assert known is not None
    kept = KnownRows.from_bytes(known.as_bytes())
    assert kept.columns == known.columns
    shuffled = pa.concat_tables([TABLE.take([3, 1]), TABLE.slice(0, 1).set_column(0, "id", pa.array(["z"]))])
    assert kept.marks(shuffled).tolist() == [LEARNED, HELD, NEW]


def test_equal_rows_are_told_apart_by_their_order() -> None:
    def plans(*names: str) -> pa.Table:
        return pa.table({"plan": list(names)})

    known = KnownRows.of(plans("a", "b", "a"), ["plan"], np.array([False, True, True]))
    assert known is not None
    assert known.marks(plans("a", "a", "a", "b", "b")).tolist() == [HELD, LEARNED, NEW, LEARNED, NEW]


def test_too_many_rows_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST", 3)
    assert KnownRows.of(TABLE, TABLE.column_names, np.ones(4, bool)) is None


def test_encoded_rows_are_told_by_all_their_numbers() -> None:
    X = np.array([[1.0, np.nan], [1.0, 2.0], [2.0, 1.0], [1.0, np.nan]])
    found = matrix_digests(X)
    assert found[0] == found[3]
    assert len(set(found.tolist())) == 3
