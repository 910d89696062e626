"""The page of the business records: how many of each kind there are, the newest, and whose they are."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.access import for_company, needs
from platform_core.errors import InputInvalid
from platform_core.records import selectors
from platform_core.records.kinds import KINDS, Column, Kind
from platform_core.records.models import BusinessRecord
from users.roles import Act

PAGE_SIZE = 25
MOST_TOLD = 4
"""Columns of a record told in a list, beside its id, its address and its time."""


class FindForm(forms.Form):
    """All may be left empty."""

    kind = forms.ChoiceField(required=False, choices=[(name, name.capitalize()) for name in KINDS])
    email = forms.CharField(required=False, max_length=200, label="E-mail")
    external_id = forms.CharField(required=False, max_length=200, label="Id at its source")
    cursor = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)


@require_safe
@for_company
@needs(Act.SEE_RECORDS)
def records(request: HttpRequest, *, company: Any) -> HttpResponse:
    """Counts, and the newest of one kind."""
    form = FindForm(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    kind = KINDS[given.get("kind") or next(iter(KINDS))]
    filters = selectors.Filters(email=given.get("email") or "", external_id=given.get("external_id") or "")
    rows: list[BusinessRecord] = []
    going_on = None
    try:
        rows, going_on = selectors.page(kind, filters=filters, before=given.get("cursor"), size=PAGE_SIZE)
    except InputInvalid as problem:
        form.add_error("email", problem.detail)
    further = request.GET.copy()
    further["cursor"] = str(going_on or "")
    context = {
        "form": form,
        "kind": kind,
        "counts": selectors.counts(),
        "lines": [_line(kind, row) for row in rows],
        "narrowed": bool(filters.email or filters.external_id),
        "older": further.urlencode() if going_on else "",
    }
    return render(request, "dashboard/records.html", context)


def _line(kind: Kind, row: BusinessRecord) -> dict[str, Any]:
    told = [(column.name.replace("_", " "), _shown(row, column)) for column in kind.own if column.name != kind.moment]
    brief = ", ".join(f"{name} {text}" for name, text in [one for one in told if one[1]][:MOST_TOLD])
    return {"row": row, "when": getattr(row, kind.moment), "brief": brief}


def _shown(row: BusinessRecord, column: Column) -> str:
    value = getattr(row, column.name)
    if value in (None, "", [], {}):
        return ""
    if column.kind == "moment":
        return f"{value:%Y-%m-%d}"
    if column.kind == "yes_no":
        return "yes" if value else "no"
    if column.kind == "list":
        return f"{len(value)}"
    return f"{value:,}" if column.kind == "amount" else str(value)
