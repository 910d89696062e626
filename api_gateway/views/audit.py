"""Who did what in the company, and when."""

from __future__ import annotations

import re
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway.endpoint import Endpoint
from api_gateway.moments import moment
from api_gateway.operations import Operation, query
from api_gateway.pagination import PAGE_QUERIES, Pages, paged
from api_gateway.schemas import TIME, or_null, record, text
from platform_core.errors import InputInvalid
from users import audit_trail
from users.event_names import Event
from users.events import AuditEvent
from users.roles import Act

TAG = "Audit"
ACTS = sorted({*Event, *(name.partition(".")[0] for name in Event)})
MARK = r"^(person|key):[1-9][0-9]{0,17}$"
MARK_FORM = re.compile(MARK, re.ASCII)
EVENT = record(
    {
        "sequence": {"type": "integer", "description": "Its place in the company's chain, from 1, without a gap."},
        "at": TIME,
        "act": text("What was done.", examples=["key.created"]),
        "asker": or_null("string", description="Who did it: person:3, key:7; null: a command, or nobody known."),
        "asker_label": or_null("string", description="The person's e-mail or the key's name, while there is one."),
        "subject": text("What it was done to.", examples=["key:8"]),
        "subject_label": or_null("string"),
        "detail": {"type": "object"},
        "address": text("Where the request came from."),
        "request_id": text(),
        "hash": text("SHA-256 over this event and the hash of the one before it."),
    }
)


def event_line(event: AuditEvent, labels: dict[str, str]) -> dict[str, Any]:
    """An event in a list."""
    return {
        "sequence": event.sequence,
        "at": event.at,
        "act": event.act,
        "asker": event.asker or None,
        "asker_label": labels.get(event.asker),
        "subject": event.subject,
        "subject_label": labels.get(event.subject),
        "detail": event.detail,
        "address": event.address,
        "request_id": event.request_id,
        "hash": event.hash,
    }


class AuditView(Endpoint):
    """The company's chain, newest first."""

    acts = {"get": Act.SEE_AUDIT}
    operations = {
        "get": Operation(
            id="audit",
            summary="Who did what",
            tag=TAG,
            answer=paged(EVENT),
            queries=(
                *PAGE_QUERIES,
                query("act", {"enum": ACTS}, "Only this act, or all acts on a noun: `key`."),
                query("asker", {"type": "string", "pattern": MARK}, "Only what this person or key did: `person:3`."),
                query("from", {"type": "string", "format": "date-time"}, "Not before this time."),
                query("to", {"type": "string", "format": "date-time"}, "Before this time."),
            ),
            errors=(404,),
        )
    }

    def get(self, request: Request) -> Response:
        pages = Pages()
        found = pages.paginate_queryset(audit_trail.events(**asked(request)), request) or []
        labels = audit_trail.labels(found)
        return pages.get_paginated_response([event_line(event, labels) for event in found])


def asked(request: Request) -> dict[str, Any]:
    """The filters of a request. Raises InputInvalid."""
    given = request.query_params
    act, asker = given.get("act", ""), given.get("asker", "")
    if "act" in given and act not in ACTS:
        raise InputInvalid(f"act must be one of {', '.join(ACTS)}.", attr="act")
    if "asker" in given and not MARK_FORM.fullmatch(asker):
        raise InputInvalid("asker must read person:NUMBER or key:NUMBER.", attr="asker")
    return {"act": act, "asker": asker, "since": moment(given, "from"), "until": moment(given, "to")}


__all__ = ["AuditView"]
