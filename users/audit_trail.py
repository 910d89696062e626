"""Reads of the audit: the events of the company in force, newest first, and the names that people know marks by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from platform_core.tenancy import current_company
from users.events import AuditEvent
from users.models import ApiKey, User


def events(
    *, act: str = "", asker: str = "", since: datetime | None = None, until: datetime | None = None
) -> QuerySet[AuditEvent]:
    """The company's events. `act`: one, or all of a noun (`key`); `since` is included, `until` is not."""
    rows: QuerySet[AuditEvent] = AuditEvent.objects.filter(company_id=current_company()).order_by("-sequence")
    if act:
        rows = rows.filter(act=act) if "." in act else rows.filter(act__startswith=f"{act}.")
    if asker:
        rows = rows.filter(asker=asker)
    if since:
        rows = rows.filter(at__gte=since)
    if until:
        rows = rows.filter(at__lt=until)
    return rows


def labels(found: Iterable[AuditEvent]) -> dict[str, str]:
    """By mark, what people know the askers and subjects of events by: e-mail addresses and names of keys. Two queries
    however many events; who is gone has none."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for event in found:
        for mark in (event.asker, event.subject):
            kind, _, number = mark.partition(":")
            if number.isdecimal() and number.isascii():
                wanted[kind].add(int(number))
    people = User.objects.filter(pk__in=wanted["person"]).values_list("pk", "email")
    keys = ApiKey.objects.filter(pk__in=wanted["key"]).values_list("pk", "name")
    return {f"person:{pk}": email for pk, email in people} | {f"key:{pk}": name for pk, name in keys}


__all__ = ["events", "labels"]
