"""Files are written whole or not at all, and values come back as they were."""

from __future__ import annotations

import csv
import datetime as dt
import decimal
import io
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from file_uploads.neutral import neutral, neutral_text
from file_uploads.writing import ResultFile, whole, write_rows
from platform_core.errors import FileRefused

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1))
def test_any_text_is_written_so_that_csv_readers_get_it_back(rows: list[tuple[str, str]]) -> None:
    stream = io.BytesIO()
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    write_rows(pa.Table.from_arrays(columns, names=["a", "b"]), stream)
    text = io.StringIO(stream.getvalue().decode(), newline="")
    assert [tuple(row) for row in csv.reader(text)] == rows


@given(
    st.lists(st.one_of(TEXTS, st.sampled_from(["=1", "-5", "+x", "@", "-", "", "\t1", "-1+a", "+3,5 %"])), min_size=1)
)
def test_a_column_is_neutralised_as_its_texts_are(texts: list[str]) -> None:
    column = pa.chunked_array([pa.array(["x", *texts], pa.string()).slice(1)])
    assert neutral(column).to_pylist() == [neutral_text(text) for text in texts]


@pytest.mark.parametrize("text", ["=1+1", "@x", "+cmd", "-2+cmd|' /C calc'!A0", "\t=1", "\r=1", "=", "-x"])
def test_formulas_get_an_apostrophe(text: str) -> None:
    assert neutral_text(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["-5", "-3,5 €", "+1e5", "-$1,000.00", "-", "--", "+49 (171) 123-45", "-5%", "a=b", ""]
)
def test_numbers_and_other_texts_stay(text: str) -> None:
    assert neutral_text(text) == text


def test_typed_columns_are_written_as_csv(tmp_path: Path) -> None:
    table = pa.table(
        {
            "day": [dt.date(2020, 1, 2)],
            "amount": [decimal.Decimal("1.50")],
            "at": [dt.time(3, 4)],
            "flag": [True],
            "none": pa.nulls(1),
            "nested": [[1, 2]],
            "-name": [1],
        }
    )
    file = ResultFile(tmp_path / "t.csv", tmp_path / "part")
    file.write(table)
    file.close()
    header, row = list(csv.reader((tmp_path / "part").read_text().splitlines()))
    assert row == ["2020-01-02", "1.50", "03:04:00", "true", "", "[1, 2]", "1"]
    assert header[-1] == "'-name"


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("before")
    with pytest.raises(RuntimeError), whole(path) as part:
        part.write_text("half")
        raise RuntimeError
    assert [(other.name, other.read_text()) for other in tmp_path.iterdir()] == [("t.csv", "before")]


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="cannot be written: No space left"), whole(tmp_path / "t.csv") as part:
        part.write_text("half")
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []
