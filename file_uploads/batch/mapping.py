"""Which column of a file is which field: what the person says, then what is found by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from file_uploads.matching import match_columns
from ml_services.base import Field
from platform_core.errors import InputInvalid


def settle(columns: Sequence[str], fields: Sequence[Field], given: Mapping[str, str]) -> dict[str, str]:
    """{file's column: field} for the columns that need another name. Raises InputInvalid for a mapping that names what
    is not there, and for required fields that no column stands for."""
    names = {one.name for one in fields}
    for theirs, ours in given.items():
        if theirs not in columns:
            raise InputInvalid(f"The file has no column {theirs!r}.", attr="mapping")
        if ours not in names:
            raise InputInvalid(f"The model has no field {ours!r}.", attr="mapping")
    if len(set(given.values())) < len(given):
        raise InputInvalid("Two columns are mapped to one field.", attr="mapping")
    renamed = [given.get(name, name) for name in columns]
    found = match_columns(renamed, fields)
    settled = {theirs: ours for theirs, ours in given.items() if theirs != ours}
    return settled | {theirs: ours for theirs, ours in found.items() if theirs not in given}


__all__ = ["settle"]
