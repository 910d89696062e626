"""What is no table gets a clear answer."""

from __future__ import annotations

import gzip
import random
import zipfile
from pathlib import Path

import pytest

from file_uploads.reading import open_table
from platform_core.errors import FileRefused
from tests.file_uploads.conftest import Opened

JUNK = random.Random(1).randbytes(5000)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "nothing but blanks"),
        (b"a,b,c\n", "column names and no rows"),
        (JUNK, "not a text file"),
        (b"\0" * 100_000, "not a text file"),
        (b"\x89PNG\r\n\x1a\n" + JUNK, "a picture"),
        (b"%PDF-1.7" + JUNK, "a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + JUNK, "old Excel workbook"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html>", "a web page"),
        (b'[\n {"a": 1}]', "JSON"),
        (b"PAR1" + JUNK + b"PAR1", "damaged Parquet"),
        (b"PK\x03\x04" + JUNK, "damaged Excel"),
        (gzip.compress(b"", mtime=0), "empty archive"),
        (gzip.compress(b"a,b\n" + JUNK * 3), "not a text file"),
        (gzip.compress(b"a,b\n" + b"".join(b"%d,x\n" % at for at in range(9999)))[:5000], "damaged gzip"),
        (gzip.compress(b"0" * 100_000_000, mtime=0), "250 times its size"),
        ("name,age\nÄ,1\n".encode("utf-16")[:-1], "UTF-16-LE and is damaged"),
        (b"a" * 17_000_000, "longer than 16 MB"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(opened: Opened, content: bytes, said: str) -> None:
    with pytest.raises(FileRefused) as caught:
        opened(content)
    assert said in caught.value.detail
    assert "table.csv" in caught.value.detail


def test_a_declared_name_is_the_one_shown(opened: Opened) -> None:
    with pytest.raises(FileRefused, match="leads of May"):
        opened(b"", declared_name="leads of May.csv")


def test_what_is_not_there_or_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="There is no file"):
        open_table(tmp_path / "nothing.csv")
    with pytest.raises(FileRefused, match="is not a file"):
        open_table(tmp_path)


def test_an_archive_of_tables_is_refused_and_said_what_to_do(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
    with pytest.raises(FileRefused, match="Unpack it"):
        open_table(tmp_path / "a.zip")
