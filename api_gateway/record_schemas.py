"""JSON Schemas of the records, out of their columns."""

from __future__ import annotations

from api_gateway.lists import ANY_TEXT
from api_gateway.operations import Schema
from api_gateway.schemas import TIME, or_null, record, text
from ml_services.date_spellings import ISO_PATTERN
from platform_core.records.cleaning import LARGEST_AMOUNT
from platform_core.records.kinds import FIRST, Column, Kind
from platform_core.records.services import SOURCE
from users.currencies import CODES

MOST_RECORDS = 1000
ADDRESS: Schema = {"type": "string", "pattern": r"^[a-z0-9]{1,30}@[a-z]{1,20}\.(com|org)$"}
"""Of addresses, some that all are taken; which ones else, no pattern says (`users.emails`)."""
COUNT: Schema = {"type": "integer", "minimum": 0}
SOURCE_NAME: Schema = {
    "type": "string", "pattern": SOURCE, "description": "The system that they come from: crm, shop.",
}  # fmt: skip
REJECT = record(
    {
        "place": {**COUNT, "description": "Of the record within `records`, from 0."},
        "external_id": text(),
        "field": text("What is wrong; empty: the record as a whole."),
        "value": text(),
        "reason": text(),
    }
)
TAKEN: Schema = record(
    {
        "created": COUNT,
        "updated": COUNT,
        "unchanged": COUNT,
        "stale": {**COUNT, "description": "A newer version was known."},
        "rejected": {"type": "array", "items": REJECT},
    }
)


def answered(kind: Kind) -> Schema:
    """A record as it is answered."""
    first: dict[str, Schema] = {
        "id": {"type": "integer"}, "source": text(), "external_id": text(), "source_updated_at": TIME,
        "recorded_at": text("When it first came in.", format="date-time"),
    }  # fmt: skip
    return record({**first, **{column.name: _answered(column) for column in kind.columns}})


def body(kind: Kind) -> Schema:
    """What `POST` takes."""
    columns = (*FIRST, *kind.columns)
    optional = tuple(column.name for column in columns if not column.required)
    one = record({column.name: _asked(column) for column in columns}, optional=optional, additionalProperties=False)
    anything = {"type": "object", "description": "Anything else is rejected by itself."}
    many = {"type": "array", "minItems": 1, "maxItems": MOST_RECORDS, "items": {"anyOf": [one, anything]}}
    return record({"source": SOURCE_NAME, "records": many}, additionalProperties=False)


def _answered(column: Column) -> Schema:
    kinds: dict[str, Schema] = {
        "moment": or_null("string", format="date-time"), "amount": or_null("integer"), "yes_no": or_null("boolean"),
        "object": {"type": "object"}, "list": {"type": "array"},
    }  # fmt: skip
    return {**kinds.get(column.kind, text()), "description": column.about}


def _asked(column: Column) -> Schema:
    kinds: dict[str, Schema] = {
        "moment": or_null("string", pattern=ISO_PATTERN),
        "amount": or_null("integer", minimum=-LARGEST_AMOUNT, maximum=LARGEST_AMOUNT),
        "yes_no": or_null("boolean"),
        "object": or_null("object"),
        "list": or_null("array"),
        "currency": {"enum": list(CODES)},
        "email": or_null("string", maxLength=column.longest),
    }
    if column.choices:
        return {"enum": list(column.choices), "description": column.about}
    usual = ANY_TEXT | {"maxLength": column.longest} if column.required else or_null("string", maxLength=column.longest)
    return {**kinds.get(column.kind, usual), "description": column.about}


__all__ = ["ADDRESS", "MOST_RECORDS", "TAKEN", "answered", "body"]
