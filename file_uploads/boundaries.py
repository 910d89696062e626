"""Where records end in raw bytes, found without parsing them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from file_uploads.records import Dialect

LINE_END = re.compile(rb"\r\n|\n|\r")
_EDGE_SPACE = re.compile(rb"(?m)^[ \t]+|[ \t]+(?=\r?$)")
_INNER_SPACE = re.compile(rb"[ \t]+")


def clean_quotes(text: bytes, dialect: Dialect) -> npt.NDArray[np.int64] | None:
    """Where the quotes are, if every one opens a value, closes one, or is half of a doubled one; else None.
    Then a line end with an even number of quotes before it ends a record."""
    data = np.frombuffer(text, np.uint8)
    if not dialect.quote:
        return np.empty(0, np.int64)
    at = np.flatnonzero(data == ord(dialect.quote))
    border = np.zeros(256, bool)
    border[[ord(dialect.delimiter), ord(dialect.quote), 10, 13]] = True
    opening, closing = at[0::2], at[1::2]
    before = data[opening[opening > 0] - 1]
    after = data[closing[closing < len(data) - 1] + 1]
    return at if border[before].all() and border[after].all() else None


def after_lines(blocks: Iterator[bytes], skip_lines: int) -> Iterator[bytes]:
    """The blocks without the first lines."""
    held = b""
    for block in blocks:
        if not skip_lines:
            yield block
            continue
        held += block
        ends = [end.end() for end, _ in zip(LINE_END.finditer(held), range(skip_lines), strict=False)]
        if len(ends) == skip_lines and ends[-1] < len(held):
            skip_lines = 0
            yield held[ends[-1] :]


def last_end(text: bytes, line_end: bytes, quotes: npt.NDArray[np.int64]) -> int:
    """Where the last whole record ends, 0 where none does; `quotes` as `clean_quotes` gives them."""
    at = text.rfind(line_end)
    while at >= 0:
        before = int(np.searchsorted(quotes, at))
        if before % 2 == 0:
            break
        at = text.rfind(line_end, 0, int(quotes[before - 1]))
    return at + 1


def tabbed(text: bytes) -> bytes:
    """Runs of white space as one tab each, none at the edges of a line."""
    return _INNER_SPACE.sub(b"\t", _EDGE_SPACE.sub(b"", text))


__all__ = ["LINE_END", "after_lines", "clean_quotes", "last_end", "tabbed"]
