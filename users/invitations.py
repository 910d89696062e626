"""Invitations: a place in a company, offered by e-mail. The link is signed, lives for a week and works once."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from platform_core.errors import Conflict, InputInvalid, NotAllowed, NotFound
from platform_core.tenancy import company_in_force
from users import attempts, audit, mail
from users.input_fields import choice, email, read
from users.keys import KeyHolder
from users.members import OWNERS_ONLY, hold_company, members
from users.models import Invitation, Role, User
from users.permissions import may
from users.roles import Act

LIFE = timedelta(days=7)
MOST_OPEN = 200
"""Open invitations of one company."""
MOST_A_DAY = {"company": 300, "to one address": 20, "from one company to one address": 5}
"""Letters a day, so that nobody mails the world, or floods one mailbox, through us (withdrawing sets nothing back)."""
DAY = timedelta(days=1)
SALT = "users.invitations"
ACCEPT_PATH = "/invitations/accept/"
"""The page that takes an invitation up."""


class InvitationRefused(InputInvalid):
    """The token of an invitation is no good. One text for all causes: who tries tokens learns nothing."""

    code = "invalid_invitation"
    default = "This invitation is unknown, expired, withdrawn or used already. Ask for a new one."

    def __init__(self) -> None:
        super().__init__(attr="token")


def open_invitations() -> QuerySet[Invitation]:
    """The invitations to the company in force that can still be accepted, the latest first."""
    rows: QuerySet[Invitation] = Invitation.objects.filter(
        accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now()
    )
    return rows.select_related("invited_by").order_by("-created_at", "-pk")


def invite(*, given: Any, by: User | KeyHolder) -> Invitation:
    """Offers a place: {email, role}. A second invitation of one address takes the place of the first, whose link
    stops working. Mails the link once the row is kept."""
    asked = read(given, {"email": email, "role": choice(*Role.values)}, required=("email", "role"))
    if asked["role"] == Role.OWNER and not may(by, Act.MANAGE_OWNERS):
        raise NotAllowed(OWNERS_ONLY)
    with transaction.atomic():
        company = hold_company()
        if members().filter(user__email=asked["email"]).exists():
            raise Conflict("That person is a member already.", attr="email")
        _spend_letter(company.pk, asked["email"])
        now = timezone.now()
        Invitation.objects.filter(email=asked["email"], accepted_at=None, withdrawn_at=None).update(withdrawn_at=now)
        if open_invitations().count() >= MOST_OPEN:
            raise Conflict(f"There are {MOST_OPEN} open invitations: withdraw some first.")
        row: Invitation = Invitation.objects.create(
            company=company,
            **asked,
            nonce=secrets.token_urlsafe(32),
            invited_by=by if isinstance(by, User) else None,
            created_at=now,
            expires_at=now + LIFE,
        )
        audit.record(audit.Event.INVITED, subject=f"invitation:{row.pk}", detail={"role": row.role})
        mail.post(
            template="invitation",
            to=row.email,
            life=LIFE,
            company=company.name,
            role=row.role,
            days=LIFE.days,
            link=mail.link(ACCEPT_PATH, token=token_of(row)),
        )
    return row


def _spend_letter(company_id: int, address: str) -> None:
    """Raises Throttled where too many letters went out within a day."""
    marks = (str(company_id), address, f"{company_id} {address}")
    for (kind, most), by in zip(MOST_A_DAY.items(), marks, strict=True):
        attempts.spend(kind=f"invited {kind}", by=by, most=most, within=DAY)


def withdraw(*, invitation_id: int) -> None:
    """Takes an open invitation back."""
    with transaction.atomic():
        if not open_invitations().filter(pk=invitation_id).update(withdrawn_at=timezone.now()):
            raise NotFound("There is no such open invitation.")
        audit.record(audit.Event.INVITATION_WITHDRAWN, subject=f"invitation:{invitation_id}")


def token_of(row: Invitation) -> str:
    """What the link of an invitation carries. The company's id stands in it, so that it can be put in force."""
    return TimestampSigner(salt=SALT).sign(f"{row.company_id}.{row.pk}.{row.nonce}")


def offered(token: str) -> Invitation:
    """The open invitation of a token, with its company. Raises InvitationRefused."""
    try:
        text = TimestampSigner(salt=SALT).unsign(token, max_age=LIFE)
    except BadSignature:
        raise InvitationRefused from None
    company_id, row_id, nonce = text.split(".", 2)
    with company_in_force(int(company_id)):
        row: Invitation | None = open_invitations().select_related("company").filter(pk=int(row_id)).first()
    if row is None or not secrets.compare_digest(row.nonce, nonce):
        raise InvitationRefused
    return row


__all__ = ["InvitationRefused", "invite", "offered", "open_invitations", "token_of", "withdraw"]
