"""A whole record against its fields: every problem named at once, near misses of unknown keys suggested."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ml_services.base import Field
from ml_services.checking import (
    SERIES_LIMIT,
    category_reader,
    date_reader,
    number_reader,
    text_reader,
    yes_no_reader,
)
from ml_services.value_problems import ABSENT, Reader, Unfit, absence
from platform_core.errors import FieldProblem, RecordInvalid

LONGEST_KEY_SHOWN = 80


def series_reader(field: Field) -> Reader:
    """[(days since 1970-01-01 UTC, value), …] of [{date, value}, …]; None where unknown."""
    unusual = absence(field, None)
    read_date = date_reader(Field("date", "date"))
    read_value = number_reader(Field("value", "number", minimum=field.minimum, maximum=field.maximum))

    def read(value: Any) -> list[tuple[float, float]] | None:
        if type(value) is not list:
            return unusual(value)  # type: ignore[no-any-return]
        if len(value) > SERIES_LIMIT:
            raise Unfit("too_long", f"must have at most {SERIES_LIMIT:,} points")
        points = []
        for position, item in enumerate(value):
            if type(item) is not dict or item.keys() != {"date", "value"}:
                raise Unfit("wrong_type", f"must hold objects with date and value (see item {position})")
            for part, reader in (("date", read_date), ("value", read_value)):
                try:
                    reader(item[part])
                except Unfit as unfit:
                    raise Unfit(unfit.code, f"has a {part} at item {position} that {unfit.phrase}") from None
            points.append((read_date(item["date"]), read_value(item["value"])))
        return points

    return read


def _yes_no(field: Field) -> Reader:
    read = yes_no_reader(field)
    return lambda value: None if (code := read(value)) != code else bool(code)


def _number(field: Field) -> Reader:
    read = number_reader(field)
    return lambda value: None if (number := read(value)) != number else number


def _integer(field: Field) -> Reader:
    read = number_reader(field)
    return lambda value: None if (number := read(value)) != number else int(number)


def _category(field: Field) -> Reader:
    known = {choice: float(code) for code, choice in enumerate(field.choices)}
    read = category_reader(field, known, -1.0)

    def clean(value: Any) -> str | None:
        code = read(value)
        if code != code:
            return None
        return field.choices[int(code)] if code >= 0 else str(value).strip()

    return clean


_READERS: Mapping[str, Callable[[Field], Reader]] = {
    "number": _number,
    "integer": _integer,
    "yes_no": _yes_no,
    "category": _category,
    "date": date_reader,
    "text": text_reader,
    "series": series_reader,
}


class RecordCheck:
    """The check where no encoder is needed. Gives the record clean: a float, int, bool, str, days since 1970-01-01
    UTC for a date (NaN unknown), a list of (days, value) for a series; None where unknown."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = tuple(fields)
        self.readers: dict[str, Reader] = {field.name: _READERS[field.kind](field) for field in fields}

    def __call__(self, record: Any) -> dict[str, Any]:
        problems = problems_of(self.readers, record)
        if problems:
            raise RecordInvalid(problems)
        return {name: read(record.get(name, ABSENT)) for name, read in self.readers.items()}

    def __reduce__(self) -> tuple[type[RecordCheck], tuple[tuple[Field, ...]]]:
        return RecordCheck, (self.fields,)


def problems_of(readers: Mapping[str, Reader], record: Any, extras: Collection[str] = ()) -> list[FieldProblem]:
    """Every problem of the record, in the order of the fields, then the unknown keys."""
    if not isinstance(record, Mapping):
        return [FieldProblem("", "wrong_type", "A record must be an object with named fields.")]
    problems = []
    for name, read in readers.items():
        try:
            read(record.get(name, ABSENT))
        except Unfit as unfit:
            problems.append(FieldProblem(name, unfit.code, f"{name} {unfit.phrase}."))
    for key in record:
        if key not in readers and key not in extras:
            shown = str(key)[:LONGEST_KEY_SHOWN]
            near = difflib.get_close_matches(shown, readers, 1)
            hint = f"; did you mean {near[0]}?" if near else "."
            problems.append(FieldProblem(shown, "unknown", f"{shown} is not a field of this model{hint}"))
    return problems
