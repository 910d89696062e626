"""What a source says beside the known columns, as columns: the plain values in `extra`, by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
import pandas as pd

MOST = 200
"""Columns out of `extra`; the names that come first are taken."""
NOTHING = "{}"
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def spread(texts: pd.Series, taken: Collection[str]) -> dict[str, pd.Series]:
    """A column for each name that some row has a plain value under, but for names `taken` by known columns."""
    filled = texts[texts.notna() & (texts != NOTHING)]
    if filled.empty:
        return {}
    values = [_plain(_decode(one)) for one in filled]
    names = sorted({name for one in values for name in one} - set(taken))[:MOST]
    found = {}
    for name in names:
        column = pd.Series([one.get(name) for one in values], index=filled.index, dtype=object)
        found[name] = column.reindex(texts.index)
    return found


def settled(column: pd.Series) -> pd.Series:
    """A column of one type: numbers where all are, else texts."""
    known = column[column.notna()]
    if all(isinstance(one, int | float) for one in known):
        return pd.to_numeric(column, errors="coerce").astype("float64")
    return column.map(lambda one: None if one is None or one != one else str(one)).astype("str")


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, bool):
            found[name] = "yes" if value else "no"
        elif isinstance(value, int | float) or (isinstance(value, str) and value.strip()):
            found[name] = value.strip() if isinstance(value, str) else value
    return found


__all__ = ["settled", "spread"]
