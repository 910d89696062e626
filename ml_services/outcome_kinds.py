"""What may be reported as the outcome of a prediction: of the predictor's own kind, and clean."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ml_services import registry
from ml_services.base import Predictor
from ml_services.checking import SERIES_LIMIT
from ml_services.spellings import LARGEST
from platform_core.errors import InputInvalid

YES = frozenset({"yes", "true"})
NO = frozenset({"no", "false"})
LONGEST_NAME = 200
MOST_NAMES = 50


def check(predictor_name: str, value: Any) -> Any:
    """The outcome clean: true or false, a number, a name, names, points, or an object of these by part. Raises
    InputInvalid saying what this predictor's outcomes are."""
    return _checked(registry.predictor(predictor_name), value, "outcome")


def _checked(predictor: Predictor, value: Any, attr: str) -> Any:
    if predictor.task == "composite":
        if not isinstance(value, dict) or not value or not value.keys() <= set(predictor.parts):
            raise InputInvalid(f"{attr} must be an object with some of: {', '.join(predictor.parts)}.", attr=attr)
        return {name: _checked(registry.predictor(name), one, f"{attr}.{name}") for name, one in value.items()}
    read, told = KINDS[predictor.task]
    clean = read(value)
    if clean is None:
        raise InputInvalid(f"{attr} of {predictor.name} must be {told}.", attr=attr)
    allowed = _choices(predictor)
    if allowed and clean not in allowed:
        raise InputInvalid(f"{attr} of {predictor.name} must be one of: {', '.join(allowed)}.", attr=attr)
    return clean


def _choices(predictor: Predictor) -> tuple[str, ...]:
    """The only labels that can be, where the predictor's answer has such."""
    return predictor.outputs[0].choices if predictor.task == "polarity" else ()


def _yes_no(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    folded = value.strip().casefold() if isinstance(value, str) else ""
    return True if folded in YES else False if folded in NO else None


def _number(value: Any) -> float | int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        try:
            value = float(Decimal(value)) if len(value) <= LONGEST_NAME else None
        except (InvalidOperation, OverflowError):
            return None
    return value if value is not None and math.isfinite(value) and abs(value) <= LARGEST else None


def _name(value: Any) -> str | None:
    text = value.strip() if isinstance(value, str) else ""
    return text if text and len(text) <= LONGEST_NAME and "\0" not in text else None


def _names(value: Any) -> list[str] | None:
    if not isinstance(value, list) or len(value) > MOST_NAMES:
        return None
    names = [name for one in value if (name := _name(one)) is not None]
    return names if len(names) == len(value) else None


def _points(value: Any) -> Any:
    """A number for a forecast of one period; else [{date, value}]."""
    if not isinstance(value, list):
        return _number(value)
    fits = 0 < len(value) <= SERIES_LIMIT and all(
        isinstance(one, dict)
        and one.keys() == {"date", "value"}
        and _name(one["date"]) is not None
        and _number(one["value"]) is not None
        for one in value
    )
    return [{"date": _name(one["date"]), "value": _number(one["value"])} for one in value] if fits else None


KINDS: Mapping[str, tuple[Callable[[Any], Any], str]] = {
    "binary": (_yes_no, "true or false"),
    "value": (_number, "a number"),
    "classes": (_name, "the name of what it turned out to be"),
    "cluster": (_name, "the name of what it turned out to be"),
    "polarity": (_name, "a label"),
    "tags": (_names, f"a list of at most {MOST_NAMES} tags"),
    "series": (_points, "a number, or a list of {date, value}"),
}

__all__ = ["check"]
