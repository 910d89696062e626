"""Texts that a spreadsheet would run as a formula (OWASP, CSV Injection), with an apostrophe before them.

All other values are written as they came; numbers, amounts and dates with a sign are no formulas.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

STARTS = "=+-@\t\r"
HARMLESS = r"[+-]?[\d\s.,'’%€$£()/:-]*([eE][+-]?\d+)?"
"""Digits and the signs of numbers and dates; and signs alone, which are a way to say that nothing is known."""
_HARMLESS = re.compile(HARMLESS, re.ASCII)
_STARTS = np.zeros(256, bool)
_STARTS[list(STARTS.encode())] = True


def neutral_text(text: str) -> str:
    """One text."""
    return f"'{text}" if text[:1] in STARTS and text and not _HARMLESS.fullmatch(text) else text


def neutral(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column; other types than text stay as they are."""
    if not pa.types.is_string(column.type):
        return column
    return pa.chunked_array([_neutral(chunk) for chunk in column.chunks], pa.string())


def _neutral(chunk: pa.StringArray) -> pa.StringArray:
    suspects = np.flatnonzero(_suspicious(chunk))
    if not len(suspects):
        return chunk
    texts = chunk.take(pa.array(suspects))
    harmful = suspects[~pc.match_substring_regex(texts, f"^(?:{HARMLESS})$").to_numpy(zero_copy_only=False)]
    if not len(harmful):
        return chunk
    mask = np.zeros(len(chunk), bool)
    mask[harmful] = True
    mended = pc.binary_join_element_wise("'", chunk.take(pa.array(harmful)), "")
    return pc.replace_with_mask(chunk, pa.array(mask), mended)


def _suspicious(chunk: pa.StringArray) -> npt.NDArray[np.bool_]:
    """Which texts start with such a character, read off their first bytes all at once."""
    _, offsets, data = chunk.buffers()
    if data is None or not len(chunk) or not data.size:
        return np.zeros(len(chunk), bool)
    ends = np.frombuffer(offsets, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    first = np.frombuffer(data, np.uint8)[np.minimum(ends[:-1], data.size - 1)]
    found: npt.NDArray[np.bool_] = _STARTS[first] & (ends[1:] > ends[:-1])
    return found


__all__ = ["neutral", "neutral_text"]
