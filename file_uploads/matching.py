"""Which of a file's columns is which of a model's fields."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ml_services.base import Field
from platform_core.errors import InputInvalid

SHOWN_COLUMNS = 50


def match_columns(columns: Sequence[str], fields: Sequence[Field]) -> dict[str, str]:
    """{file's column: field} for the columns that need another name: the same but for case, spaces and punctuation.
    A column that bears a field's very name is that field. Raises InputInvalid naming every required field that the
    file lacks."""
    exact = {field.name for field in fields}
    folded = Counter(_folded(name) for name in columns)
    free = {_folded(name): name for name in columns if name not in exact and folded[_folded(name)] == 1}
    found: dict[str, str] = {}
    lacking = []
    for one in fields:
        if one.name in columns:
            continue
        theirs = free.pop(_folded(one.name), None)
        if theirs is not None:
            found[theirs] = one.name
        elif one.required:
            lacking.append(one.name)
    if lacking:
        shown = ", ".join(columns[:SHOWN_COLUMNS]) + (", …" if len(columns) > SHOWN_COLUMNS else "")
        raise InputInvalid(
            f"The file lacks {len(lacking)} column(s) that the model needs: {', '.join(lacking)}. It has: {shown}. "
            "Nothing was written."
        )
    return found


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold()) or name


__all__ = ["match_columns"]
