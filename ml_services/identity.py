"""Whose prediction it is, in the caller's own words: the reserved key `external_id` of a record, else the column that
held the ids in the file which the version learned from. Outcomes come back under it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ml_services.base import Model, Record
from platform_core.errors import FieldProblem, RecordInvalid

if TYPE_CHECKING:
    from ml_services.slots import Slot

KEY = "external_id"
LONGEST = 200
SCHEMA: dict[str, Any] = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST,
    "pattern": r"^[^\x00]*$",
    "description": "Your own id of what is predicted. Kept beside the prediction; outcomes may come back under it.",
}


def split(slot: Slot, record: Record) -> tuple[str, Record]:
    """The external id (empty: none given), and the record that the model sees. Raises RecordInvalid."""
    if KEY not in record or KEY in slot.known:
        value = record.get(KEY) if KEY in slot.known else record.get(slot.id_column) if slot.id_column else None
        text = str(value) if type(value) in (str, int) else ""
        return (text if len(text) <= LONGEST and "\0" not in text else ""), record
    value = record[KEY]
    rest = {name: one for name, one in record.items() if name != KEY}
    if type(value) is not str:
        raise _refused(slot.model, rest, "wrong_type", "must be a text")
    if not value or "\0" in value:
        raise _refused(slot.model, rest, "invalid", "must not be blank, and hold no NUL character")
    if len(value) > LONGEST:
        raise _refused(slot.model, rest, "too_long", f"must have at most {LONGEST} characters")
    return value, rest


def _refused(model: Model, rest: Record, code: str, phrase: str) -> RecordInvalid:
    """Its problem, after those of the record's fields: all are named at once."""
    own = FieldProblem(KEY, code, f"{KEY} {phrase}.")
    try:
        model.answer(rest, explain=False)
    except RecordInvalid as others:
        return RecordInvalid([*others.problems, own])
    return RecordInvalid([own])


def id_column(card: Mapping[str, Any]) -> str:
    """The one column of ids that the version's file had; empty where it had none, or several."""
    ids = [one for one in card.get("columns") or () if one.get("kind") == "id" and not one.get("used")]
    given = [one for one in ids if one.get("reason") == "the id column given"] or ids
    return str(given[0]["name"]) if len(given) == 1 else ""


def with_key(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a record that may also hold the reserved key."""
    return {**schema, "properties": {**schema["properties"], KEY: schema["properties"].get(KEY, SCHEMA)}}


__all__ = ["KEY", "LONGEST", "id_column", "split", "with_key"]
