"""The page of the audit: who did what, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.access import for_company, needs
from users import audit_trail
from users.event_names import Event
from users.events import AuditEvent
from users.roles import Act

PAGE_SIZE = 50
ABOUT = {
    "person": "People signing in", "password": "Passwords", "company": "The company", "member": "Members",
    "invitation": "Invitations", "key": "Keys", "training": "Training", "model": "Models", "data": "Data",
    "connection": "Connections", "records": "Records",
}  # fmt: skip
"""Noun of an act: what a person chooses it by."""
SAID: dict[str, str] = {
    Event.SIGNED_IN: "signed in",
    Event.SIGN_IN_FAILED: "a sign-in failed",
    Event.LOCKED_OUT: "locked out after failed sign-ins",
    Event.SIGNED_OUT: "signed out",
    Event.TOKEN_REUSED: "a spent refresh token came again: its session was ended",
    Event.REGISTERED: "registered",
    Event.CHANGED_PERSON: "changed their account",
    Event.PASSWORD_CHANGED: "changed the password",
    Event.PASSWORD_RESET_ASKED: "a new password was asked for",
    Event.PASSWORD_RESET: "set a new password by e-mail",
    Event.COMPANY_CREATED: "created the company",
    Event.COMPANY_CHANGED: "changed the company",
    Event.MEMBER_JOINED: "joined",
    Event.ROLE_CHANGED: "changed a role",
    Event.MEMBER_REMOVED: "removed a member",
    Event.INVITED: "invited somebody",
    Event.INVITATION_ACCEPTED: "accepted an invitation",
    Event.INVITATION_WITHDRAWN: "withdrew an invitation",
    Event.KEY_CREATED: "made a key",
    Event.KEY_REVOKED: "revoked a key",
    Event.TRAINING_STARTED: "started a training",
    Event.TRAINING_FAILED: "a training failed",
    Event.TRAINING_CANCELLED: "stopped a training",
    Event.MODEL_TRAINED: "trained a model",
    Event.MODEL_PROMOTED: "let a model serve",
    Event.MODEL_ROLLED_BACK: "went back to a model",
    Event.RECORDS_BROUGHT: "brought records",
    Event.SETTINGS_CHANGED: "changed the settings of a predictor",
    Event.EXPORTED: "exported data",
    Event.DELETED: "deleted data",
    Event.PERSON_EXPORTED: "exported a person's data",
    Event.PERSON_ERASED: "erased a person's data",
    Event.CONNECTED: "made a connection",
    Event.DISCONNECTED: "removed a connection",
}
"""Each act as a person reads it after the name of who did it."""


class Filters(forms.Form):
    """What to show: all, or one kind, one asker, some days (of the company's time zone; both included)."""

    about = forms.ChoiceField(required=False, choices=[("", "Everything"), *ABOUT.items()], label="What")
    asker = forms.RegexField(r"^(person|key):[1-9][0-9]{0,17}$", required=False, widget=forms.HiddenInput())
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}))

    def asked(self, zone: ZoneInfo) -> dict[str, Any]:
        """The filters as the trail takes them; a wrong one filters nothing, and is told beside its control."""
        self.full_clean()
        given = self.cleaned_data
        since, until = given.get("since"), given.get("until")
        return {
            "act": given.get("about") or "",
            "asker": given.get("asker") or "",
            "since": datetime.combine(since, time.min, zone) if since else None,
            "until": datetime.combine(until, time.min, zone) + timedelta(days=1) if until else None,
        }


@require_safe
@for_company
@needs(Act.SEE_AUDIT)
def audit(request: HttpRequest, *, company: Any) -> HttpResponse:
    """The company's audit, for those who may see it."""
    filters, zone = Filters(request.GET), ZoneInfo(company.time_zone)
    page = Paginator(audit_trail.events(**filters.asked(zone)), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"company": company, "filters": filters, "page": page, "lines": lines(page, zone), "zone": zone.key}
    return render(request, "dashboard/audit.html", {**context, **links(request, page)})


def lines(page: Page[AuditEvent], zone: ZoneInfo) -> list[dict[str, Any]]:
    """The events of a page as they are read."""
    labels = audit_trail.labels(page.object_list)
    return [
        {
            "event": event,
            "at": event.at.astimezone(zone),
            "who": labels.get(event.asker, event.asker),
            "said": SAID.get(event.act, event.act),
            "whom": "" if event.subject == event.asker else labels.get(event.subject, event.subject),
            "failed": event.act.endswith(("failed", "locked_out")),
            "told": list(told(event.detail)),
        }
        for event in page.object_list
    ]


def told(detail: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """An event's detail in words: parts of parts side by side, lists with commas, what is empty left out."""
    for name, value in detail.items():
        words = f"{before} {name}".strip().replace("_", " ")
        if isinstance(value, dict):
            yield from told(value, words)
        elif value not in ("", None, []):
            yield words, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def links(request: HttpRequest, page: Page[AuditEvent]) -> dict[str, str]:
    """The addresses of the pages before and after, with the filters."""
    asked = request.GET.copy()
    found = {"newer": "", "older": ""}
    for name, there, number in (
        ("newer", page.has_previous(), page.number - 1),
        ("older", page.has_next(), page.number + 1),
    ):
        if there:
            asked["page"] = str(number)
            found[name] = f"?{asked.urlencode()}"
    return found


__all__ = ["audit"]
