"""Encodings are told from the whole file, not from its start."""

from __future__ import annotations

import pytest

from file_uploads.reading import open_table
from platform_core.errors import FileRefused
from tests.file_uploads.conftest import Opened, Put
from tests.file_uploads.test_reading import rows_of


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_the_encoding_is_found(opened: Opened, encoding: str) -> None:
    file = opened("name,price\nÄnne,5 €\nBöb,2 €\n".encode(encoding))
    assert file.columns == ("name", "price")
    assert rows_of(file) == [("Änne", "5 €"), ("Böb", "2 €")]


def test_a_letter_far_behind_the_start_counts(opened: Opened) -> None:
    file = opened(b"name,age\n" + b"Bob,1\n" * 400_000 + b"M\xfcller,2\n")
    assert file.dialect["encoding"] == "cp1252"
    assert rows_of(file)[-1] == ("Müller", "2")


def test_one_wrong_byte_does_not_spoil_the_other_letters(opened: Opened) -> None:
    file = opened("name,age\nÄnne,1\nBöb,2\n".encode() + b"M\xfcller,4\n")
    assert [row[0] for row in rows_of(file)] == ["Änne", "Böb", "Müller"]
    assert any("Windows-1252" in note for note in file.notes)


def test_the_bytes_that_windows_leaves_out_are_latin_1(opened: Opened) -> None:
    assert rows_of(opened(b"name,age\nM\xfc\x81ller,1\nx,2\n"))[0][0] == "Mü\x81ller"


def test_an_encoding_may_be_given(put: Put) -> None:
    path = put("имя,age\nЖ,1\n".encode("cp1251"))
    assert open_table(path, encoding="cp1251").columns == ("имя", "age")
    with pytest.raises(FileRefused, match="no encoding called 'klingon'"):
        open_table(path, encoding="klingon")
