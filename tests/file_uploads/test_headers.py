"""Which line names the columns."""

from __future__ import annotations

import pytest

from file_uploads.headers import MAX_COLUMNS, name_columns, place_header
from platform_core.errors import FileRefused


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        ([["name", "age"], ["a", "1"], ["b", "2"]], True),
        ([["Great place.", "1"], ["Bad.", "0"], ["Good.", "1"]], False),
        ([["Great place.", "good"], ["Bad.", "bad"], ["Fine.", "good"]], False),
        ([["text", "label"], ["Great.", "good"], ["Bad.", "bad"]], True),
        ([["country", "2019", "2020"], ["DE", "1", "2"], ["FR", "3", "4"]], True),
        ([["1", "2"], ["3", "4"]], False),
        ([["price", ""], ["3,5 €", ""], ["$4.00", ""]], True),
        ([["a", "b"], ["a", "b"], ["x", "y"]], True),
        ([["2020-01-05", "x"], ["2020-01-06", "y"]], False),
    ],
)
def test_a_first_row_like_the_others_names_no_columns(rows: list[list[str]], header: bool) -> None:
    assert place_header(rows, None).header is header


def test_who_knows_says_whether_there_is_a_header() -> None:
    rows = [["name", "age"], ["a", "1"]]
    assert not place_header(rows, False).header
    assert place_header([["1", "2"], ["3", "4"]], True).header


def test_a_column_without_name_gets_one_and_it_is_told() -> None:
    names, notes = name_columns(["", "b", " c "], 3, "t.csv")
    assert names == ["column_1", "b", "c"]
    assert len(notes) == 1
    assert name_columns(["", "column_1"], 2, "t.csv")[0] == ["column_1_", "column_1"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a", "b", "a"], "2 columns called 'a' (columns 1, 3)"),
        (["", ""], "without any column name"),
        ([str(at) for at in range(MAX_COLUMNS + 1)], "2,001 columns"),
        (["x" * 1000, "b"], "1,000 characters"),
        (["a\x00", "b"], "NUL"),
    ],
)
def test_names_that_cannot_serve_are_refused(names: list[str], said: str) -> None:
    with pytest.raises(FileRefused) as caught:
        name_columns(names, len(names), "t.csv")
    assert said in caught.value.detail
