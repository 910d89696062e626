"""Workbooks are read as a person sees them."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from file_uploads.reading import TableFile, open_table
from platform_core.errors import FileRefused
from tests.file_uploads.test_reading import rows_of


def book(path: Path, *rows: list[object]) -> openpyxl.Workbook:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    workbook.save(path)
    return workbook


def opened(tmp_path: Path, *rows: list[object]) -> TableFile:
    book(tmp_path / "t.xlsx", *rows)
    return open_table(tmp_path / "t.xlsx")


def test_cells_are_texts_as_they_are_seen(tmp_path: Path) -> None:
    moment = dt.datetime(2020, 1, 2, 3, 4)
    file = opened(tmp_path, ["a", "b", "c"], [3.0, dt.datetime(2020, 1, 2), True], [2.5, moment, "007"], [1, None, "x"])
    assert rows_of(file) == [("3", "2020-01-02", "TRUE"), ("2.5", "2020-01-02 03:04:00", "007"), ("1", "", "x")]


def test_blank_rows_and_titles_are_no_rows(tmp_path: Path) -> None:
    file = opened(tmp_path, ["Report"], [], ["a", "b", "c"], ["x", 1, "z"], [None] * 3, ["y", 2, "w"], [" "])
    assert (file.columns, len(rows_of(file))) == (("a", "b", "c"), 2)


def test_a_value_beyond_the_last_column_is_a_problem(tmp_path: Path) -> None:
    rows = [["x", at] for at in range(600)]
    file = opened(tmp_path, ["a", "b"], *rows, ["y", 2, None, "stray"])
    assert (len(rows_of(file)), file.problems[0].row) == (600, 601)


def test_formulas_without_result_and_other_sheets_are_told(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.create_sheet("more")
    for row in (["a", "b"], [1, "=1+1"]):
        workbook.active.append(row)
    workbook.save(tmp_path / "t.xlsx")
    file = open_table(tmp_path / "t.xlsx")
    assert rows_of(file) == [("1", "")]
    assert ["others: more" in file.notes[0], "Formulas without a stored result" in file.notes[1]] == [True, True]


def test_damaged_empty_and_exploding_workbooks_are_refused(tmp_path: Path) -> None:
    book(tmp_path / "whole.xlsx", ["a", "b"], [1, 2])
    whole = (tmp_path / "whole.xlsx").read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 100_000_000)
    for content, said in ((whole[: len(whole) // 2], "damaged"), (packed.getvalue(), "unpacks to 100 MB")):
        (tmp_path / "t.xlsx").write_bytes(content)
        with pytest.raises(FileRefused, match=said):
            open_table(tmp_path / "t.xlsx")
    with pytest.raises(FileRefused, match="no values in any sheet"):
        opened(tmp_path)
    with pytest.raises(FileRefused, match="column names and no rows"):
        opened(tmp_path, ["a", "b"])
