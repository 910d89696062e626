"""Excel workbooks as chunks of texts: cells as a person sees them, without their formatting."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from file_uploads.chunks import Chunk, Problem, text_table
from file_uploads.columnar import Opened
from file_uploads.headers import HeaderPlace, name_columns, place_header
from platform_core.errors import FileRefused

MAX_UNPACKED_BYTES = 2 << 30
MAX_STRINGS_BYTES = 256 << 20
"""The shared strings of a workbook are held in memory, at several times their size."""
BOMB_RATIO = 250
BOMB_FLOOR_BYTES = 64 << 20
SAMPLE_ROWS = 500
MAX_ROWS = 1_048_576
"""The most that a sheet has (Excel specifications and limits). A row may claim any number, and those before it are
filled up with blank ones."""
_DAMAGED = "is a damaged Excel workbook, or breaks off before its end. Save it again, or as CSV."


def open_workbook(path: Path, name: str, header: bool | None) -> Opened:
    """Finds the first sheet with values and its columns."""
    _check_parts(path, name)
    rows, sheet, others = _first_filled(path, name)
    sample = [_texts(row) for row in rows]
    width = max(_filled(row) for row in sample)
    sample = [row[:width] + [""] * (width - len(row)) for row in sample]
    filled = [at for at, row in enumerate(sample) if any(row)]
    place = _place([sample[at] for at in filled], header)
    at = filled[place.titles]
    names, notes = name_columns(sample[at] if place.header else None, width, name)
    first = at + 1 if place.header else at
    if not any(any(row) for row in sample[first:]):
        raise FileRefused(f"{name} has column names and no rows in sheet {sheet!r}. Give at least one row.")
    if others:
        notes.append(f"Only sheet {sheet!r} was read; others: {', '.join(others)[:200]}.")
    if place.titles:
        notes.append(f"{place.titles} row(s) above the column names were skipped.")
    notes += _unstored(path, name, sheet, len(sample))
    dialect = {"format": "xlsx", "sheet": sheet, "header": "yes" if place.header else "no"}
    return tuple(names), dialect, notes, _opener(path, name, sheet, names, first)


def _place(rows: Sequence[Sequence[str]], header: bool | None) -> HeaderPlace:
    """As in text files, where the width of a title is one: blank cells at its end do not count."""
    trimmed = [row[: max(1, _filled(row))] if sum(map(bool, row)) == 1 else row for row in rows]
    return place_header(trimmed, header)


def _opener(path: Path, name: str, sheet: str, names: list[str], first: int) -> Callable[[int], Iterator[Chunk]]:
    def chunks(size: int) -> Iterator[Chunk]:
        start = 1
        rows: list[list[str]] = []
        for values in _sheet_rows(path, name, sheet, first):
            texts = _texts(values)
            if any(map(str.strip, texts)):
                rows.append(texts)
            if len(rows) >= size:
                yield _chunk(rows, names, start)
                start, rows = start + len(rows), []
        if rows:
            yield _chunk(rows, names, start)

    return chunks


def _chunk(rows: Sequence[list[str]], names: list[str], start: int) -> Chunk:
    width = len(names)
    good: list[list[str]] = []
    numbers: list[int] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows, start):
        beyond = [value for value in row[width:] if value]
        if beyond:
            reason = f"the row has values to the right of the last of {width} columns"
            problems.append(Problem(number, "", beyond[0][:200], reason))
        else:
            good.append(row[:width] + [""] * (width - len(row)))
            numbers.append(number)
    return Chunk(np.array(numbers, np.int64), text_table(good, names), problems)


def _check_parts(path: Path, name: str) -> None:
    """Raises FileRefused for a zip file that is no workbook, or unpacks to more than a workbook does."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise FileRefused(f"{name} {_DAMAGED}") from None
    if not any(part.filename.startswith("xl/") for part in parts):
        raise FileRefused(f"{name} is a zip archive, not an Excel workbook. Unpack it and give the table inside.")
    total = sum(part.file_size for part in parts)
    strings = max((part.file_size for part in parts if "sharedStrings" in part.filename), default=0)
    packed = max(1, path.stat().st_size)
    if total > MAX_UNPACKED_BYTES or strings > MAX_STRINGS_BYTES or total > max(BOMB_FLOOR_BYTES, BOMB_RATIO * packed):
        raise FileRefused(f"{name} unpacks to {total / 1e6:,.0f} MB, more than is read of a workbook. Save it as CSV.")


def _first_filled(path: Path, name: str) -> tuple[list[tuple[Any, ...]], str, list[str]]:
    """The first rows of the first sheet with a value, its name, and the names of the other sheets."""
    for sheet in (sheets := _sheet_names(path, name)):
        rows = list(islice(_sheet_rows(path, name, sheet, 0), SAMPLE_ROWS))
        if any(_filled(_texts(row)) for row in rows):
            return rows, sheet, [other for other in sheets if other != sheet]
    raise FileRefused(f"{name} has no values in any sheet. Give a row of column names and at least one row.")


def _sheet_names(path: Path, name: str) -> list[str]:
    with _loaded(path, name, formulas=False) as book:
        return [sheet.title for sheet in book.worksheets]


def _sheet_rows(path: Path, name: str, sheet: str, first: int, *, formulas: bool = False) -> Iterator[tuple[Any, ...]]:
    with _loaded(path, name, formulas=formulas) as book:
        try:
            cells = book[sheet]
            # The size that a workbook claims may be missing or absurd; without it rows end where their cells end.
            cells.reset_dimensions()
            for number, row in enumerate(cells.iter_rows(min_row=first + 1, values_only=True), start=first + 1):
                if number > MAX_ROWS:
                    raise FileRefused(f"{name} has more than {MAX_ROWS:,} rows in sheet {sheet!r}. Save it as CSV.")
                yield row
        except (KeyError, ValueError, TypeError, SyntaxError, OSError, EOFError, zipfile.BadZipFile):
            raise FileRefused(f"{name} {_DAMAGED}") from None


def _unstored(path: Path, name: str, sheet: str, count: int) -> list[str]:
    """A note where formulas have no stored result: then their cells read as blank."""
    values = _sheet_rows(path, name, sheet, 0)
    formulas = _sheet_rows(path, name, sheet, 0, formulas=True)
    for row, asked in islice(zip(values, formulas, strict=False), count):
        if any(value is None and formula is not None for value, formula in zip(row, asked, strict=False)):
            return ["Formulas without a stored result were read as blank: open and save the file in Excel first."]
    return []


@contextmanager
def _loaded(path: Path, name: str, *, formulas: bool) -> Iterator[Any]:
    """The workbook for a block. Given as a stream: of a path openpyxl takes the ending for the format, and a file that
    comes in by HTTP has none."""
    import warnings

    from openpyxl import load_workbook

    with path.open("rb") as stream:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that no value depends on
                book = load_workbook(stream, read_only=True, data_only=not formulas)
        except Exception:  # openpyxl raises whatever its XML and zip layers do
            raise FileRefused(f"{name} {_DAMAGED}") from None
        try:
            yield book
        finally:
            book.close()


def _texts(values: Sequence[Any]) -> list[str]:
    return [_text(value) for value in values]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time.min else value.isoformat(" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _filled(row: Sequence[str]) -> int:
    """The number of cells up to the last one with a value."""
    return max((at + 1 for at, value in enumerate(row) if value), default=0)


__all__ = ["open_workbook"]
