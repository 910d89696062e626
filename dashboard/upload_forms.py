"""The forms of files: one to send a file, one to say which of its columns is which field."""

from __future__ import annotations

from typing import Any

from django import forms

from dashboard.account_forms import ServiceForm
from file_uploads.batch.choosing import HeldFile
from file_uploads.batch.intake import FORMATS, Asked
from ml_services import registry
from ml_services.base import Field
from platform_core.errors import FileRefused, PlatformError, RecordInvalid

MOST_OPTIONS = 300
"""A file with more columns is asked for a column's name by typing: a list of each for each field is too long a page."""
TAKEN = ".csv,.tsv,.txt,.gz,.xlsx,.parquet"
NONE = ("", "no column")
WORDS = {"csv": "csv, for spreadsheets", "parquet": "parquet"}


def predictors() -> list[tuple[str, str]]:
    """Name and title of each."""
    return [(name, one.title) for name, one in registry.all_predictors().items()]


class WantedForm(ServiceForm):
    """What is wanted of a file."""

    predictor = forms.ChoiceField(choices=predictors)
    format = forms.ChoiceField(label="Results as", choices=[(one, WORDS[one]) for one in FORMATS])
    explain = forms.BooleanField(label="With the reasons of each prediction (slower)", required=False)
    again = forms.BooleanField(label="Predict again, even if this very file was sent before", required=False)

    def asked(self, asker: str, mapping: dict[str, str] | None = None) -> Asked:
        """The same as the service takes it."""
        given = self.cleaned_data
        return Asked(given["predictor"], mapping or {}, given["explain"], given["format"], asker)


class FileForm(WantedForm):
    """A file, and what is wanted of it."""

    file = forms.FileField(
        help_text="csv, tsv, csv.gz, xlsx or parquet, with a line of column names.",
        widget=forms.FileInput(attrs={"accept": TAKEN}),
    )

    def refuse(self, problem: PlatformError) -> None:
        """What is wrong with the file stands beside it."""
        if isinstance(problem, FileRefused):
            self.add_error("file", problem.detail)
        else:
            super().refuse(problem)


class ColumnsForm(forms.Form):
    """A control for each field that no column bears the name of. They are named by position: a column's name may hold
    anything."""

    def __init__(self, file: HeldFile, data: Any = None) -> None:
        self.asked = {f"c{place}": choice for place, choice in enumerate(file.choices) if not choice.found}
        super().__init__(data, initial={name: choice.column for name, choice in self.asked.items()})
        for name, choice in self.asked.items():
            self.fields[name] = forms.CharField(
                label=choice.field.name,
                required=False,
                strip=False,
                help_text=told(choice.field),
                widget=control(file.columns),
            )

    def chosen(self) -> dict[str, str]:
        """{field: column}."""
        return {choice.field.name: self.cleaned_data.get(name, "") for name, choice in self.asked.items()}

    def refuse(self, problem: PlatformError) -> None:
        """Puts each problem beside its control, what has none above them."""
        places = {choice.field.name: name for name, choice in self.asked.items()}
        if isinstance(problem, RecordInvalid):
            for found in problem.problems:
                self.add_error(places.get(found.field), found.detail)
        else:
            self.add_error(None, problem.detail)

    @property
    def needed(self) -> list[forms.BoundField]:
        """The fields without which nothing is predicted."""
        return [self[name] for name, choice in self.asked.items() if choice.field.required]

    @property
    def others(self) -> list[forms.BoundField]:
        """The fields that a file may leave out."""
        return [self[name] for name, choice in self.asked.items() if not choice.field.required]

    @property
    def others_wrong(self) -> bool:
        """Whether one of those is refused, and must be seen."""
        return any(field.errors for field in self.others)


def control(columns: tuple[str, ...]) -> forms.Widget:
    """The choice of a column."""
    if len(columns) > MOST_OPTIONS:
        return forms.TextInput(attrs={"autocomplete": "off", "placeholder": "the column's name"})
    return forms.Select(choices=[NONE, *((name, name) for name in columns)])


def told(field: Field) -> str:
    """What a person should know of a field to find its column."""
    few = ", ".join(str(one) for one in field.choices[:4]) + (", …" if len(field.choices) > 4 else "")
    return " · ".join(part for part in (field.description, few or field.unit) if part)


__all__ = ["ColumnsForm", "FileForm", "WantedForm"]
