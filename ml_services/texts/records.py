"""One text out of a record or a column, checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ml_services.base import Field, Record, Reject
from ml_services.texts.tokens import MAX_CHARACTERS
from platform_core.errors import FieldProblem, InputInvalid, RecordInvalid

if TYPE_CHECKING:
    import pyarrow as pa

ANY_NAME = "text"
"""A model trained on a company's own column answers to this name too, so that its callers need not change."""


def text_field(name: str = ANY_NAME) -> Field:
    return Field(
        name, "text", f"The text, up to {MAX_CHARACTERS:,} characters", example="Quick answer, friendly staff!"
    )


def read_text(record: Record, name: str) -> str:
    """The text of a record. Raises RecordInvalid naming every bad key."""
    asked = name if name in record or ANY_NAME not in record else ANY_NAME
    problems = [
        FieldProblem(str(key), "unknown", f"{key} is not a field of this model") for key in record if key != asked
    ]
    if asked not in record:
        problems.append(FieldProblem(asked, "required", f"{asked} is required"))
    else:
        problem = text_problem(asked, record[asked])
        problems += [problem] if problem else []
    if problems:
        raise RecordInvalid(problems)
    text: str = record[asked]
    return text


def text_problem(name: str, value: Any) -> FieldProblem | None:
    if value is None:
        return FieldProblem(name, "null", f"{name} must not be null")
    if not isinstance(value, str):
        return FieldProblem(name, "wrong_type", f"{name} must be a text")
    if not value.strip():
        return FieldProblem(name, "null", f"{name} must not be empty")
    if len(value) > MAX_CHARACTERS:
        return FieldProblem(
            name, "too_long", f"{name} has {len(value):,} characters; at most {MAX_CHARACTERS:,} are read"
        )
    return None


def each_text(
    table: pa.Table, name: str, answer: Callable[[str], dict[str, Any]]
) -> tuple[list[int], list[dict[str, Any]], list[Reject]]:
    """Positions answered, their answers, and the rejects. Raises InputInvalid where the column is not there."""
    column = next((name for name in (name, ANY_NAME) if name in table.column_names), None)
    if column is None:
        raise InputInvalid(f"The file has no column '{name}' with the texts.", attr=name)
    positions: list[int] = []
    answers: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    for position, value in enumerate(table.column(column).to_pylist()):
        problem = text_problem(column, value)
        if problem is None:
            positions.append(position)
            answers.append(answer(value))
        else:
            rejects.append(Reject(position, column, "" if value is None else str(value)[:200], problem.detail))
    return positions, answers, rejects
