"""Text to records, strictly by RFC 4180 where the text keeps to it, and line by line where it does not.

A quote that is never closed, or closed in the middle of a value, must not swallow the rows after it: such a line is
read by itself, its stray quotes as they stand.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

MAX_RECORD_BYTES = 16 << 20
"""The longest row that is waited for; a quote still open after as much is a stray one."""
RESUME_LINES = 50
"""How far to look, after a quote that stays open to the end, for rows that stand by themselves."""

csv.field_size_limit(2 * MAX_RECORD_BYTES)

_OPEN_AT_END = "unexpected end of data"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_SPACES = re.compile(r"[ \t]+")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text file sets off its values. `delimiter` ' ' means runs of white space. `skip_lines`: the lines
    before the first data row, header included."""

    delimiter: str = ","
    quote: Literal['"', "'", ""] = '"'
    escape: Literal["\\", ""] = ""
    skip_space: bool = False
    line_end: Literal["LF", "CRLF", "CR"] = "LF"
    header: bool = True
    skip_lines: int = 0

    def reader(self, lines: Iterator[str], *, strict: bool) -> Iterator[list[str]]:
        """The standard library's reader for this dialect."""
        if self.delimiter == " ":
            return (_SPACES.split(line.strip()) if line.strip() else [] for line in lines)
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            escapechar=self.escape or None,
            doublequote=not self.escape,
            skipinitialspace=self.skip_space,
            strict=strict,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """One record: its values, or why there are none. `line` and `lines` say where it stood in the lines given."""

    values: list[str]
    line: int
    lines: int
    stray: bool = False
    unfolded: bool = False
    problem: str = ""


def split_lines(text: str) -> list[str]:
    """Lines with their ends, which are CRLF, LF or CR and nothing else."""
    return _LINE.findall(text)


def read_records(lines: Sequence[str], dialect: Dialect, width: int, *, complete: bool) -> Iterator[Found]:
    """The records of `lines`; blank lines are none. Where not `complete`, stops before a record that is still open
    at the end. A `width` of 0 means that the number of columns is not known yet."""
    start = 0
    while start < len(lines):
        reader = dialect.reader((lines[at] for at in range(start, len(lines))), strict=True)
        base, end = start, start
        try:
            for values in reader:
                end = start + 1 if dialect.delimiter == " " else base + reader.line_num  # type: ignore[attr-defined]
                if values and not _is_blank(values, width):
                    yield _fitted(values, lines[start], Found(values, start, end - start), dialect, width)
                start = end
        except csv.Error as problem:
            if _OPEN_AT_END in str(problem):
                if not complete:
                    return
                if not _resumes(lines[start + 1 :], dialect, width):
                    yield Found([], start, len(lines) - start, problem="breaks off inside a quoted value")
                    return
            yield read_alone(lines[start], start, dialect, width)
            start += 1
        else:
            return


def _is_blank(values: list[str], width: int) -> bool:
    return len(values) == 1 and width != 1 and not values[0].strip()


def _resumes(rest: Sequence[str], dialect: Dialect, width: int) -> bool:
    """Whether the lines after an open quote are rows by themselves."""
    lines = [line for line in rest[:RESUME_LINES] if line.strip()]
    fits = sum(len(_tokens(line, dialect)) == width for line in lines)
    return bool(lines) and (width <= 1 or 2 * fits >= len(lines))


def _fitted(values: list[str], line: str, found: Found, dialect: Dialect, width: int) -> Found:
    """The record, unfolded or trimmed to `width` where that is plainly what was meant."""
    if not width or len(values) == width:
        return found
    if len(values) == 1 and dialect.quote and line.lstrip().startswith(dialect.quote):
        inner = unfold(values[0], dialect)
        if len(inner) == width:
            return Found(inner, found.line, found.lines, unfolded=True)
    if len(values) > width and not any(value.strip() for value in values[width:]):
        return Found(values[:width], found.line, found.lines)
    return Found(values, found.line, found.lines, problem=f"has {count(values)} where the file has {width} columns")


def unfold(value: str, dialect: Dialect) -> list[str]:
    """The values of a row that arrived as one quoted value."""
    rows = list(dialect.reader(io.StringIO(value, newline=""), strict=False))
    return rows[0] if len(rows) == 1 else []


def read_alone(line: str, start: int, dialect: Dialect, width: int) -> Found:
    """One line whose quotes do not pair up."""
    values = _tokens(line, dialect)
    if width and len(values) != width:
        lenient = next(iter(dialect.reader(iter([line]), strict=False)), [])
        values = lenient if len(lenient) == width else values
    if width and len(values) != width:
        reason = f"has quotes that do not pair up, and {count(values)} where the file has {width} columns"
        return Found(values, start, 1, stray=True, problem=reason)
    return Found(values, start, 1, stray=True)


def _tokens(line: str, dialect: Dialect) -> list[str]:
    """The values of one line: quoted ones where the quotes pair up, all others as they stand."""
    bare = line.rstrip("\r\n")
    if dialect.delimiter == " ":
        return _SPACES.split(bare.strip())
    if not dialect.quote:
        return bare.split(dialect.delimiter)
    quote, stop = dialect.quote, re.escape(dialect.delimiter)
    blank = "[ \t]*" if dialect.delimiter != "\t" else " *"
    value = re.compile(rf"(?:{quote}((?:[^{quote}]|{quote}{quote})*+){quote}{blank}|([^{stop}]*))({stop}|$)")
    values, at = [], 0
    while match := value.match(bare, at):
        values.append(match[2] if match[1] is None else match[1].replace(quote * 2, quote))
        at = match.end()
        if not match[3]:
            break
    return values


def count(values: Sequence[str]) -> str:
    """'1 value', '3 values'."""
    return f"{len(values)} value{'s' * (len(values) != 1)}"


__all__ = ["MAX_RECORD_BYTES", "Dialect", "Found", "count", "read_alone", "read_records", "split_lines", "unfold"]
