"""Files as they come from careless programs and from people who mean harm."""

from __future__ import annotations

import gzip
import io
import itertools
import random
import zipfile
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

HEAD = b"id,Amount due,name\n"
MB = 1 << 20
SHEET = "xl/worksheets/sheet1.xml"


def csv_of(*lines: bytes) -> bytes:
    """The usual columns above these lines."""
    return HEAD + b"".join(line + b"\n" for line in lines)


def gzip_bomb() -> bytes:
    """A table of 70 MB of one row again and again, in 70 KB."""
    return gzip.compress(HEAD + b"r,4,n\n" * (70 * MB // 6))


def long_gzip(size: int) -> bytes:
    """A table of so many bytes of digits in some order, packed to a third or so."""
    chance = random.Random(42)
    lines = (f"r{at},{chance.randrange(10**12)},n\n".encode() for at in itertools.count())
    packed = io.BytesIO()
    with gzip.open(packed, "wb") as stream:
        written = stream.write(HEAD)
        while written < size:
            written += stream.write(next(lines))
    return packed.getvalue()


def wide() -> bytes:
    """Two lines of 100,000 values."""
    return b",".join(b"c%d" % at for at in range(100_000)) + b"\n" + b",".join([b"1"] * 100_000) + b"\n"


def zip_bomb() -> bytes:
    """A workbook whose only sheet is 70 MB of blanks."""
    return replaced(workbook([["id", "Amount due", "name"], ["r1", 4, "n"]]), SHEET, b" " * (70 * MB))


def workbook(rows: list[list[Any]], merged: str = "") -> bytes:
    """A workbook of one sheet."""
    book, kept = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    if merged:
        book.active.merge_cells(merged)
    book.save(kept)
    return kept.getvalue()


def sheet_of(content: bytes) -> bytes:
    """The first sheet's XML."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return book.read(SHEET)


def replaced(content: bytes, name: str, part: bytes, claimed: int | None = None) -> bytes:
    """A workbook with one of its parts replaced, or added; `claimed`: the size that its list of parts tells."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for other in old.namelist():
            if other != name:
                new.writestr(other, old.read(other))
        new.writestr(name, part)
        if claimed is not None:
            new.getinfo(name).file_size = claimed
    return made.getvalue()


def with_formulas() -> bytes:
    """Amounts as formulas that no program has worked out; the last one is a number."""
    return workbook([["id", "Amount due", "name"], ["r1", "=2+2", "n"], ["r2", 5, "n"]])


def with_macros() -> bytes:
    """As Excel saves a workbook with macros (.xlsm)."""
    plain = workbook([["id", "Amount due", "name"], ["r1", 4, "=CMD|' /C calc'!A0"], ["r2", 5, "n"]])
    with zipfile.ZipFile(io.BytesIO(plain)) as book:
        kinds = book.read("[Content_Types].xml")
    sheet = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    kinds = kinds.replace(sheet, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    return replaced(replaced(plain, "[Content_Types].xml", kinds), "xl/vbaProject.bin", b"\xd0\xcf\x11\xe0macro" * 9)


def with_a_far_row() -> bytes:
    """A sheet that says of its last row that it is the 900,000,000,000th."""
    plain = workbook([["id", "Amount due", "name"], ["r1", 4, "n"], ["r2", 5, "n"]])
    far = sheet_of(plain).replace(b'<row r="3"', b'<row r="900000000000"')
    for column in b"ABC":
        far = far.replace(b'r="%c3"' % column, b'r="%c900000000000"' % column)
    return replaced(plain, SHEET, far)


def parquet_of(**columns: Any) -> bytes:
    """A Parquet file."""
    made = io.BytesIO()
    pq.write_table(pa.table(columns), made)
    return made.getvalue()


def nested_parquet(depth: int = 3) -> bytes:
    """Lists of structs of maps beside the columns that are needed."""
    inner: Any = pa.map_(pa.string(), pa.int64())
    value: Any = [("a", 1)]
    for _ in range(depth):
        inner, value = pa.list_(pa.struct([("deep", inner)])), [{"deep": value}]
    return parquet_of(**{"id": ["r1", "r2"], "Amount due": ["4", "5"], "name": ["n", "n"],
                         "extra": pa.array([value, None], inner)})  # fmt: skip


def parquet_bomb() -> bytes:
    """Twenty million rows without a value, in some KB."""
    blank = pa.nulls(20_000_000, pa.string())
    return parquet_of(**{"Amount due": blank, "name": blank})
