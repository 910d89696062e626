"""The form of a what-if: a control for each field that may be changed, within what the version saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from dashboard.forms import read
from dashboard.ledger_pages import clipped
from ml_services.base import Field
from request_logs.models import Prediction

LONGEST_VALUE = 60
"""Characters of a present value that are shown."""
AS_IT_IS = ("", "as it is")


class WhatIfForm(forms.Form):
    """Controls are named by position: a column's name may hold anything. What is left blank stays as it is."""

    def __init__(self, row: Prediction, changeable: Sequence[tuple[Field, dict[str, Any]]], data: Any = None) -> None:
        super().__init__(data)
        self.asked = {f"w{place}": field for place, (field, _) in enumerate(changeable)}
        for name, (field, seen) in zip(self.asked, changeable, strict=True):
            now = row.input.get(field.name)
            self.fields[name] = forms.CharField(
                label=field.name, required=False, help_text=_told(now, seen), widget=_control(field, seen)
            )

    def changes(self) -> dict[str, Any]:
        """What was filled in, as a program would send it."""
        given = {field.name: (field, str(self.cleaned_data.get(name) or "")) for name, field in self.asked.items()}
        return {name: read(field, text.strip()) for name, (field, text) in given.items() if text.strip()}

    def refuse(self, problems: Mapping[str, str]) -> None:
        """Puts each problem beside its control."""
        places = {field.name: name for name, field in self.asked.items()}
        for field, detail in problems.items():
            self.add_error(places.get(field), detail)


def _told(now: Any, seen: dict[str, Any]) -> str:
    present = "unknown" if now is None else f"{now:,.6g}" if isinstance(now, float) else clipped(now)[:LONGEST_VALUE]
    if seen["low"] is None:
        return f"now {present}"
    return f"now {present} · seen {seen['low']:,.6g} to {seen['high']:,.6g}"


def _control(field: Field, seen: dict[str, Any]) -> forms.Widget:
    if seen["levels"] is not None:
        return forms.Select(choices=[AS_IT_IS, *((level, level) for level in seen["levels"])])
    if field.kind == "date":
        return forms.DateInput(attrs={"type": "date"})
    return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})


__all__ = ["WhatIfForm"]
