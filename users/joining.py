"""Accepting an invitation: a new person chooses a password, one who is known proves to be that person."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from platform_core.errors import Conflict, FieldProblem, PlatformError, RecordInvalid
from platform_core.tenancy import company_in_force
from users import audit, lockout, passwords
from users.input_fields import Wrong, line, read
from users.invitations import InvitationRefused, offered, open_invitations
from users.members import hold_company, members
from users.models import Invitation, Membership, User

LONGEST_TOKEN, LONGEST_PASSWORD = 500, 128
"""A password of any length would be hashed at our cost."""
SIGN_IN_FIRST = "This address has an account: sign in as that person, or give its password."


class WrongPassword(PlatformError):
    """The password is not that of the invited person."""

    code = "wrong_password"
    status = 401
    default = "That is not the password of the invited person's account."


def _password(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong("wrong_type", "must be a text")
    if not value or "\0" in value:
        raise Wrong("invalid", "must not be empty or hold a NUL character")
    if len(value) > LONGEST_PASSWORD:
        raise Wrong("too_long", f"has more than {LONGEST_PASSWORD} characters")
    return value


RULES = {"token": line(LONGEST_TOKEN), "password": _password, "full_name": line(200, blank=True)}


def accept(*, given: Any, request: HttpRequest, signed_in: object = None) -> Membership:
    """Takes the place that a token offers: {token, password?, full_name?}. The request is for the lock-out."""
    asked = read(given, RULES, required=("token",))
    invitation = offered(asked["token"])
    person = User.objects.filter(email=invitation.email).first()
    if person is None:
        person = _new_person(invitation, asked)
    elif person != signed_in:
        _check_password(person, asked.get("password"), request)
    with company_in_force(invitation.company_id):
        return _join(invitation, person)


def _new_person(invitation: Invitation, asked: dict[str, Any]) -> User:
    """The person, not saved yet."""
    person = User(email=invitation.email, full_name=asked.get("full_name", ""))
    if "password" not in asked:
        raise RecordInvalid([FieldProblem("password", "required", "password is required: choose one.")])
    passwords.check(asked["password"], person)
    person.set_password(asked["password"])
    return person


def _check_password(person: User, password: str | None, request: HttpRequest) -> None:
    if password is None:
        raise RecordInvalid([FieldProblem("password", "required", SIGN_IN_FIRST)])
    try:
        lockout.recognise(request=request, email=person.email, password=password)
    except lockout.WrongCredentials:
        raise WrongPassword from None


def _join(invitation: Invitation, person: User) -> Membership:
    try:
        with transaction.atomic():
            company = hold_company()
            # Looked at again: of two who use one link at once, the second finds it used.
            if not open_invitations().filter(pk=invitation.pk).update(accepted_at=timezone.now()):
                raise InvitationRefused
            if person._state.adding:
                person.save()
            elif members().filter(user=person).exists():
                raise Conflict("You are a member of this company already.")
            joined = Membership.objects.create(company=company, user=person, role=invitation.role)
            audit.record(
                audit.Event.INVITATION_ACCEPTED,
                subject=f"invitation:{invitation.pk}",
                detail={"person": person.pk, "role": joined.role},
            )
            return joined
    except IntegrityError:
        raise Conflict("An account of this address was made a moment ago: sign in and try again.") from None


__all__ = ["WrongPassword", "accept"]
