"""What can be wrong with one value, in words that continue a sentence beginning with the field's name."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ml_services.base import Field

ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "ABSENT"})()
"""Stands for a key that is not in the record; null is None."""

Reader = Callable[[Any], Any]


class Unfit(Exception):
    """One value does not fit its field. `phrase` continues a sentence that begins with the field's name."""

    def __init__(self, code: str, phrase: str) -> None:
        super().__init__(phrase)
        self.code = code
        self.phrase = phrase


def type_in_words(value: object) -> str:
    words = {
        bool: "true or false",
        str: "text",
        int: "a number",
        float: "a number",
        type(None): "null",
        dict: "an object",
    }
    return words.get(type(value), "a list" if isinstance(value, list | tuple) else "something else")


def absence(field: Field, missing: Any = math.nan) -> Reader:
    """What `ABSENT` and None become; anything else is of a wrong type."""
    wanted = {"number": "a number", "integer": "a whole number", "yes_no": "true or false", "series": "a list"}
    need = wanted.get(field.kind, "text" if field.kind != "date" else "a date as text (2024-12-31)")

    def read(value: Any) -> Any:
        if value is ABSENT:
            if field.required:
                raise Unfit("required", "is required")
            return missing
        if value is None:
            if field.nullable:
                return missing
            raise Unfit("null", "must not be null")
        raise Unfit("wrong_type", f"must be {need}, not {type_in_words(value)}")

    return read
