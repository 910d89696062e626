"""A file whose columns do not say what they are: what a person may choose for each field, and what they chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from file_uploads.batch import incoming, store
from file_uploads.batch.mapping import propose
from file_uploads.matching import match_columns
from file_uploads.reading import open_table
from ml_services import serving
from ml_services.base import Field
from platform_core.errors import FieldProblem, RecordInvalid


@dataclass(frozen=True, slots=True)
class Choice:
    """A field and the column that stands for it: its own (`found`), or one that might be meant; "" for none."""

    field: Field
    column: str
    found: bool


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file that waits for its columns to be told."""

    name: str
    columns: tuple[str, ...]
    choices: list[Choice]

    @property
    def found(self) -> list[Choice]:
        """The fields that columns bear the names of."""
        return [choice for choice in self.choices if choice.found]


def held_file(*, company_id: int, sha256: str, predictor: str) -> HeldFile:
    """What is to be chosen for a file that was refused. Raises NotFound, NoModel, FileRefused."""
    fields = serving.find(company_id, predictor).model.fields
    place, name = incoming.held(company_id, sha256)
    with store.reading(place) as path:
        columns = open_table(path, declared_name=name, max_bytes=None).columns
    return HeldFile(name, columns, choices(columns, fields))


def choices(columns: Sequence[str], fields: Sequence[Field]) -> list[Choice]:
    """For each field the column that is it, or that might be."""
    found = {
        ours: theirs
        for theirs, ours in match_columns(columns, [replace(one, required=False) for one in fields]).items()
    }
    found |= {one.name: one.name for one in fields if one.name in columns}
    meant = {ours: theirs for theirs, ours in propose(columns, fields).items()}
    return [Choice(one, found.get(one.name) or meant.get(one.name, ""), one.name in found) for one in fields]


def mapping_of(file: HeldFile, chosen: Mapping[str, str]) -> dict[str, str]:
    """{file's column: field} of what was chosen: {field: column}. Raises RecordInvalid naming the fields for which a
    column is lacking, is not in the file, or is chosen twice."""
    problems: list[FieldProblem] = []
    mapping: dict[str, str] = {}
    for choice in file.choices:
        field, column = choice.field, chosen.get(choice.field.name, "")
        if not column:
            if field.required and not choice.found:
                problems.append(FieldProblem(field.name, "required", "Choose the column that holds it."))
        elif column not in file.columns:
            problems.append(FieldProblem(field.name, "unknown", "The file has no such column."))
        elif column in mapping:
            problems.append(FieldProblem(field.name, "unknown", f"This column is chosen for {mapping[column]} too."))
        else:
            mapping[column] = field.name
    if problems:
        raise RecordInvalid(problems)
    return {theirs: ours for theirs, ours in mapping.items() if theirs != ours}


__all__ = ["Choice", "HeldFile", "choices", "held_file", "mapping_of"]
