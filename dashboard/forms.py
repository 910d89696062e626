"""The form that asks a predictor: a control for each field of the version that serves, in that version's words."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from django import forms

from ml_services.base import Field
from ml_services.checking import yes_no_spellings
from ml_services.schema import example_record
from platform_core.errors import RecordInvalid

MOST_CHOICES = 60
UNKNOWN = ("", "unknown")
SERIES_HELP = "One line for each date: date, value."


def control(field: Field) -> forms.Widget:
    """The control for a field's kind."""
    if field.kind == "series":
        return forms.Textarea(attrs={"rows": 8, "spellcheck": "false"})
    if field.kind == "text":
        return forms.Textarea(attrs={"rows": 4})
    choices = yes_no_spellings(field)[::-1] if field.kind == "yes_no" else field.choices
    if choices and len(choices) <= MOST_CHOICES:
        blank = [UNKNOWN] if field.nullable or not field.required else []
        return forms.Select(choices=[*blank, *((choice, choice) for choice in choices)])
    if field.kind in {"number", "integer"}:
        return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.DateInput(attrs={"type": "date"}) if field.kind == "date" else forms.TextInput()


def told(field: Field) -> str:
    """What a person should know about a field, in one line."""
    bounded = field.unit
    if field.minimum is not None and field.maximum is not None:
        bounded = f"{field.minimum:,.10g} to {field.maximum:,.10g} {field.unit}".strip()
    parts = [field.description, SERIES_HELP if field.kind == "series" else "", bounded]
    return " · ".join(part for part in parts if part)


class AskForm(forms.Form):
    """Controls are named by position: a column's name may hold anything."""

    def __init__(self, asked: Sequence[Field], data: Any = None) -> None:
        self.asked = {f"f{place}": field for place, field in enumerate(asked)}
        example = example_record(asked)
        super().__init__(data, initial={name: written(example[field.name]) for name, field in self.asked.items()})
        for name, field in self.asked.items():
            self.fields[name] = forms.CharField(
                label=field.name, required=False, help_text=told(field), widget=control(field)
            )

    def record(self) -> dict[str, Any]:
        """The record that was filled in: blanks are unknown where the field may be, else left out."""
        given: dict[str, Any] = {}
        for name, field in self.asked.items():
            text = str(self.cleaned_data.get(name, "")).strip()
            if text:
                given[field.name] = read(field, text)
            elif field.nullable:
                given[field.name] = None
        return given

    def refuse(self, problem: RecordInvalid) -> None:
        """Puts each problem beside its control."""
        places = {field.name: name for name, field in self.asked.items()}
        for found in problem.problems:
            self.add_error(places.get(found.field), found.detail)


def read(field: Field, text: str) -> Any:
    """A typed text as the value that a program would send; what is no number stays text, for the check to refuse."""
    if field.kind == "series":
        return list(points(text))
    if field.kind in {"number", "integer"}:
        try:
            number = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
        except ValueError:
            return text
        return int(number) if number.is_integer() else number if abs(number) < float("inf") else text
    return text


def points(text: str) -> Iterator[dict[str, Any]]:
    """The points of a history pasted as lines of date and value."""
    for row in csv.reader(io.StringIO(text.replace("\t", ",").replace(";", ","))):
        cells = [cell.strip() for cell in row if cell.strip()]
        if cells:
            yield {"date": cells[0], "value": read(Field("value", "number"), cells[-1])}


def written(value: Any) -> str:
    """An example as it would be typed."""
    if isinstance(value, list):
        return "\n".join(f"{point['date']}, {point['value']}" for point in value if isinstance(point, dict))
    return "" if value is None else str(value)


__all__ = ["AskForm"]
