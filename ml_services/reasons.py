"""From the exact effects of encoded features to reasons in the words of the fields."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ml_services.base import Field

Floats = npt.NDArray[np.float64]

MOST_REASONS = 5
"""For, and as many against."""
LONGEST_VALUE = 40
"""Characters of a free text that are repeated in a sentence."""


class Reasons:
    """Sums effects by field and says the strongest. `owners`: the field's name of each encoded feature, in order."""

    def __init__(self, fields: Sequence[Field], owners: Sequence[str], subject: str) -> None:
        self.fields, self.subject = tuple(fields), subject
        places = {field.name: j for j, field in enumerate(self.fields)}
        self._owner = np.array([places[owner] for owner in owners], dtype=np.int64)

    def one(self, record: Callable[[str], Any], effects: Floats) -> dict[str, Any]:
        """`reasons` and `other_effects` of one row; `record` gives a field's value as it came, by name."""
        sums: Any = np.bincount(self._owner, weights=effects, minlength=len(self.fields))
        return self._strongest(record, sums.tolist())

    def many(self, column: Callable[[str], Sequence[Any]], effects: Floats) -> list[dict[str, Any]]:
        """The same for (n, k) effects; `column` gives a field's values in the order of the rows."""
        columns = {field.name: column(field.name) for field in self.fields}
        return [
            self._strongest(lambda name, j=j: columns[name][j], sums)  # type: ignore[misc]
            for j, sums in enumerate(self.by_field(effects).tolist())
        ]

    def by_field(self, effects: Floats) -> Floats:
        """(n, features) effects summed to (n, fields), in the order of the fields."""
        member = np.zeros((len(self._owner), len(self.fields)))
        member[np.arange(len(self._owner)), self._owner] = 1.0
        summed: Floats = effects @ member
        return summed

    def _strongest(self, record: Callable[[str], Any], sums: list[float]) -> dict[str, Any]:
        order = sorted(range(len(sums)), key=lambda j: -abs(sums[j]))
        raising = [j for j in order if sums[j] > 0][:MOST_REASONS]
        lowering = [j for j in order if sums[j] < 0][:MOST_REASONS]
        listed = {*raising, *lowering}
        return {
            "reasons": [
                self._reason(self.fields[j], record(self.fields[j].name), sums[j]) for j in order if j in listed
            ],
            "other_effects": sum(effect for j, effect in enumerate(sums) if j not in listed),
        }

    def _reason(self, field: Field, value: Any, effect: float) -> dict[str, Any]:
        up = effect > 0
        return {
            "feature": field.name,
            "value": value,
            "effect": effect,
            "direction": "up" if up else "down",
            "text": f"{field.name} {_said(field, value)}: {'raises' if up else 'lowers'} {self.subject}",
        }


def _said(field: Field, value: Any) -> str:
    if value is None or value != value or (isinstance(value, str) and not value.strip()):
        return "is unknown"
    if isinstance(value, bool):
        return "is yes" if value else "is no"
    if field.kind == "text":
        text = " ".join(str(value).split())
        return f"is “{text[: LONGEST_VALUE - 1]}…”" if len(text) > LONGEST_VALUE else f"is “{text}”"
    said = f"{value:.6g}" if isinstance(value, float) else str(value).strip()
    return f"is {said} {field.unit}".rstrip()


def as_text(found: dict[str, Any]) -> str:
    """A row's reasons as one cell of a table."""
    return json.dumps(found["reasons"], ensure_ascii=False, default=str)


__all__ = ["MOST_REASONS", "Reasons", "as_text"]
