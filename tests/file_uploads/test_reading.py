"""Any table of text comes back as it was written; every row is in exactly one place."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from file_uploads import delimited
from file_uploads.reading import TableFile, open_table
from platform_core.errors import FileRefused
from tests.file_uploads.conftest import Opened, Put

SHARED = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\r\n")
TEXTS = st.text(st.one_of(st.sampled_from("\",;\t|\n'ab1 \\="), CHARACTERS), max_size=10)
LIKE_UTF8 = re.compile(rb"([\xc2-\xf4])(?=[\x80-\xbf])")
"""Two bytes of a code page that might as well be one letter of UTF-8: no reader can tell."""
WESTERN = st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), max_size=12).map(
    lambda text: LIKE_UTF8.sub(rb"\1 ", text.encode("cp1252")).decode("cp1252")
)
PER_EXAMPLE = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def rows_of(file: TableFile) -> list[tuple[Any, ...]]:
    return list(zip(*(column.to_pylist() for column in file.read().columns), strict=True))


def written(rows: list[Any], **dialect: Any) -> str:
    text = io.StringIO()
    csv.writer(text, **dialect).writerows([["one", "two", "three"], *rows])
    return text.getvalue()


@settings(PER_EXAMPLE, max_examples=100)
@given(
    rows=st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=12),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    line_end=st.sampled_from(["\r\n", "\n"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_what_the_csv_module_writes_is_read_back_equal(
    opened: Opened, rows: list[Any], delimiter: str, encoding: str, line_end: str, quoting: Any
) -> None:
    if line_end == "\n" and any("\r" in value for row in rows for value in row):
        quoting = csv.QUOTE_ALL  # the module leaves a bare CR unquoted otherwise, and cannot read it itself
    text = written(rows, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    assert rows_of(opened(text.encode(encoding), header=True)) == rows


@settings(PER_EXAMPLE, max_examples=50)
@given(rows=st.lists(st.tuples(WESTERN, WESTERN, WESTERN), min_size=1, max_size=8))
def test_a_western_code_page_is_read_back_equal(opened: Opened, rows: list[Any]) -> None:
    content = written(rows, quoting=csv.QUOTE_ALL).encode("cp1252")
    assert rows_of(opened(content, header=True)) == rows
    assert rows_of(opened(content, header=True, encoding="cp1252")) == rows


@settings(PER_EXAMPLE, max_examples=100)
@given(
    lines=st.lists(st.text(st.sampled_from('ab1",\n '), max_size=15), min_size=1, max_size=30),
    block=st.integers(1, 60),
)
def test_every_row_is_in_exactly_one_place_wherever_blocks_end(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, lines: list[str], block: int
) -> None:
    monkeypatch.setattr("file_uploads.charsets.BLOCK_BYTES", block)
    monkeypatch.setattr("file_uploads.reading.MIN_BLOCK_BYTES", 1)
    content = "one,two\nx,y\n" + "\n".join(lines)
    file = opened(content, header=True)
    numbers: list[int] = []
    for chunk in file.chunks(1):
        numbers += [*chunk.rows, *(problem.row for problem in chunk.problems)]
        assert chunk.table.num_rows == len(chunk.rows)
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_blocks_do_not_change_what_is_read(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(str(at), f'say "{at}",\nplease', "é" * (at % 7)) for at in range(500)]
    whole = rows_of(opened(written(rows)))
    monkeypatch.setattr("file_uploads.charsets.BLOCK_BYTES", 37)
    monkeypatch.setattr("file_uploads.reading.MIN_BLOCK_BYTES", 100)
    file = opened(written(rows))
    assert len(list(file.chunks(5))) > 20
    assert rows_of(file) == whole == rows


def test_a_part_that_breaks_a_rule_reads_as_the_rest(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    text = written([(str(at), "x, y", "z") for at in range(50)])
    fast = rows_of(opened(text))
    monkeypatch.setattr(delimited.Reading, "_fast", lambda self, block: None)
    assert rows_of(opened(text)) == fast


def test_a_row_too_short_or_too_long_is_a_problem_with_its_number(opened: Opened) -> None:
    file = opened("a,b,c\n1,2,3\n1,2\n1,2,3,4\n4,5,6\n")
    assert rows_of(file) == [("1", "2", "3"), ("4", "5", "6")]
    assert [(problem.row, problem.reason) for problem in file.problems] == [
        (2, "the row has 2 values where the file has 3 columns"),
        (3, "the row has 4 values where the file has 3 columns"),
    ]
    assert "2 row(s) were left out" in file.notes[-1]


def test_delimiters_after_the_last_column_do_not_make_a_row_too_long(opened: Opened) -> None:
    assert rows_of(opened("a,b\n1,2,,\n3,4\n")) == [("1", "2"), ("3", "4")]


def test_rows_that_arrive_as_one_quoted_value_are_unfolded(opened: Opened) -> None:
    file = opened('a,b,c\n1,2,3\n"4,""x, y"",6"\n7,8,9\n')
    assert rows_of(file)[1] == ("4", "x, y", "6")
    assert any("1 row(s) arrived as one quoted value" in note for note in file.notes)


def test_a_nul_byte_is_a_problem_of_its_row(opened: Opened) -> None:
    file = opened("a,b\n1,x\x00y\n2,z\n")
    assert rows_of(file) == [("2", "z")]
    assert (file.problems[0].row, file.problems[0].column) == (1, "b")


def test_repeated_names_are_no_row(opened: Opened) -> None:
    file = opened("a,b\n1,2\na,b\n3,4\n")
    assert rows_of(file) == [("1", "2"), ("3", "4")]
    assert file.problems[0].reason == "the row repeats the column names"


def test_a_value_of_five_megabytes_is_read(opened: Opened) -> None:
    long = "x\n" * 2_500_000
    assert rows_of(opened(f'a,b\n1,"{long}"\n2,y\n')) == [("1", long), ("2", "y")]


def test_a_packed_file_is_read_and_known_by_its_bytes(opened: Opened) -> None:
    content = gzip.compress(b"a,b\n1,2\n")
    file = opened(content, "table.csv.gz")
    assert rows_of(file) == [("1", "2")]
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert file.dialect["packed"] == "gzip"


def test_content_counts_and_not_the_name(opened: Opened) -> None:
    assert rows_of(opened("a,b\n1,2\n", "table.parquet")) == [("1", "2")]
    assert rows_of(opened("a,b\n1,2\n", "table.xlsx")) == [("1", "2")]


def test_a_file_over_the_limit_is_refused_packed_or_not(put: Put) -> None:
    text = b"a,b\n" + b"1,2\n" * 1000
    with pytest.raises(FileRefused, match="the most taken"):
        open_table(put(text), max_bytes=1000)
    with pytest.raises(FileRefused, match="more than"):
        open_table(put(gzip.compress(text)), max_bytes=1000)


def test_a_file_whose_rows_do_not_fit_its_names_is_refused_whole(opened: Opened) -> None:
    with pytest.raises(FileRefused, match="Row 1: the row has 2 values where the file has 4 columns"):
        opened("a,b,c,d\n1,2\n3,4\n5,6\n").read()


@pytest.mark.parametrize(
    ("name", "shape", "first"),
    [
        ("churn/telco_ibm.csv", (7043, 21), "customerID"),
        ("churn/orange_bigml_80.csv", (2666, 20), "State"),
        ("lead/x_education_leads.csv", (9240, 37), "Prospect ID"),
        ("lead/bank_additional_full.csv", (41188, 21), "age"),
        ("clv/cdnow_master.txt", (69659, 4), "customer_id"),
        ("forecast/air_passengers.csv", (144, 2), "ds"),
        ("sentiment/imdb_labelled.txt", (990, 2), "column_1"),
        ("sentiment/yelp_labelled.txt", (1000, 2), "column_1"),
    ],
)
def test_real_files_are_read_whole(name: str, shape: tuple[int, int], first: str) -> None:
    if not (SHARED / name).exists():
        pytest.skip(f"{name} is not beside the project")
    file = open_table(SHARED / name)
    table = file.read()
    assert (table.num_rows, table.num_columns) == shape
    assert (file.columns[0], file.problems) == (first, [])
