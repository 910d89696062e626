"""Delimiters, quotes, titles and names are found out from the file's start."""

from __future__ import annotations

import pytest

from tests.file_uploads.conftest import Opened
from tests.file_uploads.test_reading import rows_of


@pytest.mark.parametrize(
    ("text", "columns", "first"),
    [
        ("a;b;c\n1,5;2,5;x\n3,5;4,5;y\n", ("a", "b", "c"), ("1,5", "2,5", "x")),
        ("1,5;2,5\n3,5;4,5\n", ("column_1", "column_2"), ("1,5", "2,5")),
        ("a\tb\n1\tx, y\n2\tz\n", ("a", "b"), ("1", "x, y")),
        ("a|b\n1|x\n2|y\n", ("a", "b"), ("1", "x")),
        (" id  day   v\n 1  2   3\n 4  5   6\n", ("id", "day", "v"), ("1", "2", "3")),
        ("sep=;\na;b\n1,5;2\n", ("a", "b"), ("1,5", "2")),
        ('a, b, c\n1, "x, y", 3\n2, "z", 4\n', ("a", "b", "c"), ("1", "x, y", "3")),
        ("a,b\n'x, y',2\n'z, w',3\n", ("a", "b"), ("x, y", "2")),
        ('a,b\n1,"He said \\"hi\\", ok"\n2,"x, \\"y\\""\n', ("a", "b"), ("1", 'He said "hi", ok')),
        ('"x","y"\n"1",2,3\n"2",3,4\n', ("column_1", "x", "y"), ("1", "2", "3")),
        ('"a,b,c"\n"1,2,3"\n"4,""x, y"",6"\n', ("a", "b", "c"), ("1", "2", "3")),
    ],
)
def test_the_dialect_is_found(opened: Opened, text: str, columns: tuple[str, ...], first: tuple[str, ...]) -> None:
    file = opened(text)
    assert (file.columns, rows_of(file)[0]) == (columns, first)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_one(opened: Opened, line_end: str) -> None:
    text = line_end.join(["a,b", '1,"x, y"', "", "3,4", "", ""])
    assert rows_of(opened(text)) == [("1", "x, y"), ("3", "4")]


@pytest.mark.parametrize("title", ["Report of May\n", "Report of May,,\n,,\n", "Report of May\n\n"])
def test_a_title_above_the_names_is_skipped_and_told(opened: Opened, title: str) -> None:
    file = opened(f"{title}name,age,city\na,1,x\nb,2,y\n")
    assert (file.columns, len(rows_of(file))) == (("name", "age", "city"), 2)
    assert "above the column names" in file.notes[0]


@pytest.mark.parametrize(
    "text",
    ["text\nHello, world\nGood, bad, ugly\nplain\n", 'text\n"Hello, world"\nGood\nplain\n', "name\nAda L\nBo\nC\n"],
)
def test_texts_alone_are_one_column(opened: Opened, text: str) -> None:
    file = opened(text)
    assert (len(file.columns), len(rows_of(file))) == (1, 3)


def test_a_stray_quote_does_not_swallow_rows(opened: Opened) -> None:
    file = opened('a,b\n1,x\n2,"foo bar\n3,5" pipe\n4,"ok" yes\n5,"ok, yes"\n')
    assert [row[1] for row in rows_of(file)] == ["x", '"foo bar', '5" pipe', '"ok" yes', "ok, yes"]


def test_a_file_cut_off_in_a_quoted_value_says_so(opened: Opened) -> None:
    file = opened('a,b\n1,x\n2,"foo bar\nbaz qux\n')
    assert rows_of(file) == [("1", "x")]
    assert (file.problems[0].row, file.problems[0].reason) == (2, "the row breaks off inside a quoted value")
