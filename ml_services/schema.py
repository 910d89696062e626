"""What a predictor takes and gives, as JSON Schema 2020-12, as an example, and as a CSV template.

The input schema accepts exactly the records that the check of `checking.py` accepts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ml_services.base import Field, Output
from ml_services.checking import SERIES_LIMIT, TEXT_LIMIT, bounds, yes_no_spellings
from ml_services.date_spellings import ISO_PATTERN
from ml_services.spellings import parse_number

DIALECT = "https://json-schema.org/draft/2020-12/schema"
EXAMPLE_DATES = ("2024-12-31", "2025-01-31")
Schema = dict[str, Any]


def json_schema(fields: Sequence[Field], extras: Collection[str] = ()) -> Schema:
    """The schema of one input record. `extras` are known columns that the model does not look at."""
    properties: dict[str, Schema] = {field.name: field_schema(field) for field in fields}
    for name in sorted(extras):
        properties[name] = {"description": "Not used by this model; accepted and left aside."}
    return {
        "$schema": DIALECT,
        "type": "object",
        "properties": properties,
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }


def field_schema(field: Field) -> Schema:
    """The schema of one value, null included where the field is nullable."""
    schema = _KINDS[field.kind](field)
    if field.nullable:
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
        else:
            kind = schema["type"]
            schema["type"] = [*(kind if isinstance(kind, list) else [kind]), "null"]
    told = " ".join(part for part in (field.description, f"Unit: {field.unit}." if field.unit else "") if part)
    if told:
        schema["description"] = told
    schema["examples"] = [example_value(field)]
    return schema


def _number(field: Field) -> Schema:
    low, high = bounds(field)
    return {"type": "integer" if field.kind == "integer" else "number", "minimum": low, "maximum": high}


def _yes_no(field: Field) -> Schema:
    no, yes = yes_no_spellings(field)
    values: list[Any] = [True, False, yes, no]
    for spelling in (yes, no):
        number = parse_number(spelling)
        if number is not None and number == number:
            values.append(int(number) if number == int(number) else number)
    return {"enum": values}


def _numeric_levels(levels: Sequence[str]) -> list[float]:
    numbers = dict.fromkeys(n for text in levels if (n := parse_number(text)) is not None and n == n)
    return [int(number) if number == int(number) else number for number in numbers]


def _flag_levels(levels: Sequence[str]) -> list[bool]:
    folded = {text.casefold() for text in levels}
    return [flag for flag in (True, False) if str(flag).casefold() in folded]


def _category(field: Field) -> Schema:
    numbers, flags = _numeric_levels(field.choices), _flag_levels(field.choices)
    if field.closed:
        return {"enum": [*field.choices, *numbers, *flags]}
    kinds = ["string", *(["number"] if numbers else []), *(["boolean"] if flags else [])]
    return {"type": kinds if len(kinds) > 1 else "string", "maxLength": TEXT_LIMIT}


def _date(field: Field) -> Schema:
    return {"type": "string", "pattern": ISO_PATTERN}


def _text(field: Field) -> Schema:
    return {"type": "string", "maxLength": TEXT_LIMIT} | ({} if field.nullable else {"minLength": 1})


def _series(field: Field) -> Schema:
    value = _number(Field("value", "number", minimum=field.minimum, maximum=field.maximum))
    point = {
        "type": "object",
        "properties": {"date": _date(field), "value": value},
        "required": ["date", "value"],
        "additionalProperties": False,
    }
    return {"type": "array", "maxItems": SERIES_LIMIT, "items": point}


_KINDS: Mapping[str, Callable[[Field], Schema]] = {
    "number": _number,
    "integer": _number,
    "yes_no": _yes_no,
    "category": _category,
    "date": _date,
    "text": _text,
    "series": _series,
}


def example_value(field: Field) -> Any:
    """The field's own example, else a plausible value that the check accepts."""
    if field.example is not None:
        return field.example
    if field.kind in ("number", "integer"):
        low, high = bounds(field)
        return int(min(max(1, -(-low // 1)), high)) if field.minimum is not None or field.maximum is not None else 1
    if field.kind == "series":
        return [
            {"date": date, "value": example_value(Field("value", "number", minimum=field.minimum))}
            for date in EXAMPLE_DATES
        ]
    if field.kind == "yes_no":
        return yes_no_spellings(field)[1]
    if field.choices:
        return field.choices[0]
    return EXAMPLE_DATES[0] if field.kind == "date" else "text"


def example_record(fields: Sequence[Field]) -> dict[str, Any]:
    """A record that the model accepts, every field filled in."""
    return {field.name: example_value(field) for field in fields}


def csv_template(fields: Sequence[Field]) -> str:
    """A header and one example row, to fill in with a spreadsheet."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([field.name for field in fields])
    writer.writerow([example_value(field) for field in fields])
    return buffer.getvalue()


def json_schema_of_outputs(outputs: Sequence[Output]) -> Schema:
    """The schema of the answer's own fields."""
    return {
        "type": "object",
        "properties": {output.name: _output_schema(output) for output in outputs},
        "required": [output.name for output in outputs],
    }


def _output_schema(output: Output) -> Schema:
    schema: Schema = {"type": [output.kind, "null"] if output.nullable else output.kind}
    if output.choices:
        schema["enum"] = [*output.choices, None] if output.nullable else list(output.choices)
    if output.kind == "array":
        schema["items"] = json_schema_of_outputs(output.parts) if output.parts else {}
    elif output.kind == "object" and output.parts:
        schema |= {k: v for k, v in json_schema_of_outputs(output.parts).items() if k != "type"}
    told = " ".join(part for part in (output.description, f"Unit: {output.unit}." if output.unit else "") if part)
    return schema | ({"description": told} if told else {})
