"""Letters: a text and a page from one template each, posted in the transaction of what they tell of."""

from __future__ import annotations

import logging
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from users import outbox

log = logging.getLogger(__name__)
PERMANENT = 500
"""Replies from here on are for good (RFC 5321, section 4.2.1)."""
HEADERS = {"Auto-Submitted": "auto-generated"}
"""So that nobody's holiday notice answers (RFC 3834, section 5)."""


def link(path: str, **query: str) -> str:
    """An address of this installation, as people reach it from outside."""
    return f"{settings.PUBLIC_URL}{path}" + (f"?{urlencode(query)}" if query else "")


def post(*, template: str, to: str, life: timedelta = outbox.DEFAULT_LIFE, **context: Any) -> None:
    """Leaves a letter for the outbox. `template`: `users/mail/<template>.txt`, whose first line is the subject, and
    `.html`; `context` is kept as JSON until the letter is sent."""
    outbox.post(kind="letter", payload={"template": template, "to": to, "context": context}, life=life)


def send(payload: dict[str, Any]) -> None:
    """The errand of a letter: sends it now. Raises what may be better later."""
    deliver(written(**payload))


def deliver(letter: EmailMultiAlternatives) -> None:
    """Sends a letter. One that the mail server refuses for good (5xx to every recipient) is given up; raises what
    else goes wrong."""
    try:
        letter.send()
    except SMTPRecipientsRefused as refusal:
        codes = [code for code, _ in refusal.recipients.values()]
        if min(codes) < PERMANENT:
            raise
        log.warning("a letter was refused for good: %s", sorted(set(codes)))


def written(template: str, to: str, context: dict[str, Any]) -> EmailMultiAlternatives:
    """A letter as it would be sent."""
    # A line of a letter is one line, whatever the names in it hold: the first is a header.
    known = {name: " ".join(str(value).split()) for name, value in context.items()} | {"site": settings.PUBLIC_URL}
    subject, _, text = render_to_string(f"users/mail/{template}.txt", known).strip().partition("\n")
    page = render_to_string(f"users/mail/{template}.html", known)
    letter = EmailMultiAlternatives(subject.strip(), text.strip() + "\n", to=[to], headers=HEADERS)
    letter.attach_alternative(page, "text/html")
    return letter


__all__ = ["deliver", "link", "post", "send", "written"]
