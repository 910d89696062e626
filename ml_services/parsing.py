"""Numbers read from whole columns of text at once.

A cell is a number, missing, or bad. What looks like an id (`4e746882294308d4…`) or overflows (`1e999`, `inf`) is
bad, never infinity. Only spellings that do not fit the column's style are looked at one by one, each once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ml_services.spellings import (
    LARGEST,
    MISSING,
    PLAIN,
    NumberStyle,
    guess_number_style,
    is_missing,
    parse_number,
    style_pattern,
)

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def flat(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One piece, dictionaries decoded, large strings and views as plain strings."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks() if array.num_chunks != 1 else array.chunk(0)
    if isinstance(array, pa.ChunkedArray):  # what does not fit one array: more than 2 GB of text
        array = pa.concat_arrays(array.cast(pa.large_string()).chunks)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if is_text(array.type) and array.type != pa.string() and array.nbytes < 2**31:
        array = array.cast(pa.string())
    return array


def is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_numeric(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind) or types.is_decimal(kind))


def parse_numbers(
    array: pa.Array | pa.ChunkedArray, style: NumberStyle = PLAIN, missing: frozenset[str] = MISSING
) -> tuple[Floats, Bools]:
    """Values with NaN for missing and bad, and where bad. Typed columns pass through; their infinities are bad."""
    array = flat(array)
    if is_text(array.type):
        return _parse_texts(array, style, missing)
    if not is_numeric(array.type):
        return np.full(len(array), np.nan), array.is_valid().to_numpy(zero_copy_only=False)
    values = _floats(array.cast(pa.float64(), safe=False))
    bad = np.abs(values) > LARGEST
    return np.where(bad, np.nan, values), bad


def _floats(array: pa.Array) -> Floats:
    return np.array(array.to_numpy(zero_copy_only=False), dtype=np.float64)  # a copy: Arrow's own is read-only


def _parse_texts(array: pa.Array, style: NumberStyle, missing: frozenset[str]) -> tuple[Floats, Bools]:
    array = pc.if_else(pc.equal(array, ""), None, array)
    none_bad = np.zeros(len(array), dtype=np.bool_)
    if style.decimal == ".":
        try:
            values = _floats(array.cast(pa.float64()))
        except pa.ArrowInvalid:
            pass
        else:
            spelled = array.is_valid().to_numpy(zero_copy_only=False)
            if bool((np.abs(values[spelled]) <= LARGEST).all()):
                return values, none_bad
    fits = pc.match_substring_regex(array, style_pattern(style))
    plain = pc.if_else(fits, array, None)
    if style.thousands:
        plain = pc.replace_substring(plain, style.thousands, "")
    if style.decimal != ".":
        plain = pc.replace_substring(plain, style.decimal, ".")
    values = _floats(plain.cast(pa.float64()))
    overflow = np.abs(values) > LARGEST
    values[overflow] = np.nan
    odd = pc.fill_null(pc.invert(fits), False).to_numpy(zero_copy_only=False)
    spellings = array.filter(pa.array(odd)).dictionary_encode()
    read = [parse_number(text, style, missing) for text in spellings.dictionary.to_pylist()]
    table = np.array([np.nan if value is None else value for value in read], dtype=np.float64)
    refused = np.array([value is None for value in read], dtype=np.bool_)
    codes = spellings.indices.to_numpy()
    values[odd] = table[codes] if len(table) else np.nan
    overflow[odd] = refused[codes] if len(table) else False
    return values, overflow


__all__ = [
    "MISSING",
    "PLAIN",
    "Bools",
    "Floats",
    "NumberStyle",
    "flat",
    "guess_number_style",
    "is_missing",
    "is_numeric",
    "is_text",
    "parse_number",
    "parse_numbers",
]
