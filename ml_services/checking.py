"""The check of one record, field by field, as plain closures: what a client may send, and what is wrong with it.

Every reader takes a value as JSON gives it (or `ABSENT`) and returns it clean, or raises `Unfit`. The published
schema (`schema.py`) accepts exactly what the readers accept.
"""

from __future__ import annotations

import math
import re
from typing import Any

from ml_services.base import Field
from ml_services.date_spellings import ISO_PATTERN
from ml_services.dates import parse_date
from ml_services.spellings import CATEGORY_MISSING, LARGEST, parse_number
from ml_services.value_problems import Reader, Unfit, absence

TEXT_LIMIT = 20_000
SERIES_LIMIT = 10_000
NAN = math.nan
_ISO = re.compile(ISO_PATTERN)


def range_in_words(field: Field) -> str:
    unit = f" {field.unit}" if field.unit else ""
    if field.minimum is not None and field.maximum is not None:
        return f"must be between {field.minimum:g} and {field.maximum:g}{unit}"
    if field.minimum is not None:
        return f"must be at least {field.minimum:g}{unit}"
    if field.maximum is not None:
        return f"must be at most {field.maximum:g}{unit}"
    return "must be a finite number of usual size"


def bounds(field: Field) -> tuple[float, float]:
    return (
        -LARGEST if field.minimum is None else field.minimum,
        LARGEST if field.maximum is None else field.maximum,
    )


def number_reader(field: Field) -> Reader:
    """A float; NaN where unknown."""
    low, high = bounds(field)
    whole = field.kind == "integer"
    unusual = absence(field)
    sentinels = {number for text in field.missing if (number := parse_number(text)) is not None and number == number}

    def read(value: Any) -> float:
        kind = type(value)
        if kind is float or kind is int:
            if low <= value <= high:
                if whole and value != int(value):
                    raise Unfit("wrong_type", "must be a whole number")
                return float(value)
            if value in sentinels:
                return NAN
            raise Unfit("out_of_range", range_in_words(field))
        if isinstance(value, int | float) and kind is not bool:
            return read(float(value))
        return float(unusual(value))

    def read_with_sentinels(value: Any) -> float:
        number = read(value)
        return NAN if number in sentinels else number

    return read_with_sentinels if sentinels else read


def yes_no_spellings(field: Field) -> tuple[str, str]:
    """(no, yes) as the field spells them."""
    yes = field.truthy or (field.choices[-1] if len(field.choices) == 2 else "yes")
    return next((choice for choice in field.choices if choice != yes), "no"), yes


def yes_no_reader(field: Field) -> Reader:
    """1.0, 0.0 or NaN, for true and false and the field's two spellings; numbers where those are spelled as such."""
    no, yes = yes_no_spellings(field)
    texts = {no: 0.0, yes: 1.0}
    numbers = {number: code for text, code in texts.items() if (number := parse_number(text)) is not None}
    unusual = absence(field)

    def read(value: Any) -> float:
        kind = type(value)
        if kind is bool:
            return 1.0 if value else 0.0
        if kind is str:
            code = texts.get(value)
        elif numbers and (kind is int or kind is float):
            code = numbers.get(value)
        else:
            return float(unusual(value))
        if code is None:
            raise Unfit("not_a_choice", f"must be true, false, {yes!r} or {no!r}")
        return code

    return read


def category_reader(field: Field, codes: dict[str, float], unseen: float = NAN) -> Reader:
    """The code of a level; `unseen` for one outside them where the field is open; NaN where unknown."""
    spelled = reversed(codes.items())  # so that of 1 and 1.0 the first stays
    numbers = {n: code for text, code in spelled if (n := parse_number(text)) is not None and n == n}
    flags = {text.casefold() == "true": code for text, code in codes.items() if text.casefold() in ("true", "false")}
    blanks = CATEGORY_MISSING.union(text.casefold() for text in field.missing)
    unusual = absence(field)

    def refuse_or(code: float) -> float:
        if field.closed:
            raise Unfit("not_a_choice", "must be one of: " + ", ".join(field.choices or codes))
        return code

    def read(value: Any) -> float:
        kind = type(value)
        if kind is str:
            code = codes.get(value)
            if code is not None:
                return code
            if len(value) > TEXT_LIMIT:
                raise Unfit("too_long", f"must have at most {TEXT_LIMIT:,} characters")
            stripped = value.strip()
            folded = stripped.casefold()
            return refuse_or(NAN if folded in blanks else codes.get(stripped, codes.get(folded, unseen)))
        if numbers and (kind is int or kind is float):
            code = numbers.get(value)
        elif flags and kind is bool:
            code = flags.get(value)
        else:
            return float(unusual(value))
        return code if code is not None else refuse_or(unseen)

    return read


def date_reader(field: Field) -> Reader:
    """Days since 1970-01-01 UTC; NaN where unknown."""
    unusual = absence(field)

    def read(value: Any) -> float:
        if type(value) is not str:
            return float(unusual(value))
        days = parse_date(value.rstrip("\n")) if _ISO.match(value) else None
        if days is None:
            raise Unfit("wrong_type", "must be a date as ISO 8601 text, such as 2024-12-31 or 2024-12-31T23:59:00Z")
        return days

    return read


def text_reader(field: Field) -> Reader:
    """The text; None where unknown."""
    unusual = absence(field, None)

    def read(value: Any) -> str | None:
        if type(value) is not str:
            return unusual(value)  # type: ignore[no-any-return]
        if len(value) > TEXT_LIMIT:
            raise Unfit("too_long", f"must have at most {TEXT_LIMIT:,} characters")
        if not value and not field.nullable:
            raise Unfit("null", "must not be blank")
        return value

    return read
