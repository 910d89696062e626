"""What a list of predictions is narrowed by."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from ml_services import registry

LAST_DAY = date(9998, 12, 31)


class Day(forms.DateField):
    """A day, picked with the browser's calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def clean(self, value: Any) -> date | None:
        found: date | None = super().clean(value)
        return min(found, LAST_DAY) if found else found


class FilterForm(forms.Form):
    """All may be left empty."""

    predictor = forms.ChoiceField(required=False)
    external_id = forms.CharField(required=False, max_length=200, label="Your own id")
    since = Day(required=False, label="From")
    until = Day(required=False, label="To")
    cursor = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(name, one.title) for name, one in registry.all_predictors().items()]
        self.fields["predictor"] = forms.ChoiceField(required=False, choices=[("", "All predictors"), *names])

    def visible(self) -> list[forms.BoundField]:
        """The fields that a person fills in."""
        return self.visible_fields()


__all__ = ["FilterForm"]
