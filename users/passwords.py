"""Passwords: what is one, changing it, and getting a new one by e-mail. A change ends every other session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from platform_core.errors import FieldProblem, InputInvalid, RecordInvalid, Throttled
from users import attempts, audit, lockout, mail, outbox, sessions
from users.emails import canonical
from users.models import User
from users.people import record_for

LONGEST = 128
"""A password of any length would be hashed at our cost; no person's is longer."""
LINK_LIFE = timedelta(hours=1)
MOST_ASKED, ASKED_WITHIN = 5, timedelta(hours=1)
"""By one site for one mailbox."""
MOST_ASKED_BY_SITE = 60
"""By one site for whomever, within the same time."""
MOST_LETTERS = 20
"""To one mailbox within the same time, whoever asks: beyond that they are left out, without a word."""
MOST_TRIED = 60
"""Links that one site tries within the same time."""
_links = PasswordResetTokenGenerator()
_links.key_salt = "users.passwords"


class LinkRefused(InputInvalid):
    """The token of a link is no good. One text for all causes: who tries tokens learns nothing."""

    code = "invalid_token"
    default = "This link is wrong, older than an hour, or used already. Ask for a new one."

    def __init__(self) -> None:
        super().__init__(attr="token")


def check(password: str, person: User, field: str = "password") -> None:
    """Raises RecordInvalid saying what is wrong with a new password."""
    if len(password) > LONGEST:
        raise RecordInvalid([FieldProblem(field, "too_long", f"The password has more than {LONGEST} characters.")])
    try:
        validate_password(password, person)
    except ValidationError as problem:
        raise RecordInvalid([FieldProblem(field, "invalid", text) for text in problem.messages]) from None


def forgot(*, email: str, site: str) -> None:
    """Leaves a letter with a link for whoever has this address. Nobody is looked up here, so that neither the answer
    nor its time tells whether somebody has it. Raises EmailInvalid, Throttled."""
    address = canonical(email)
    attempts.spend(kind="forgot_from", by=site, most=MOST_ASKED_BY_SITE, within=ASKED_WITHIN)
    attempts.spend(kind="forgot", by=f"{address} {site}", most=MOST_ASKED, within=ASKED_WITHIN)
    outbox.post(kind="forgotten", payload={"email": address}, life=LINK_LIFE)


def answer_forgotten(payload: dict[str, Any]) -> None:
    """The errand of `forgot`: writes the letter, to nobody where nobody has the address."""
    address = str(payload["email"])
    person = User.objects.filter(email=address, is_active=True).first()
    token = token_of(person or User(pk=0, email=address))
    letter = mail.written("password_reset", address, {"link": mail.link("/password/reset/", token=token)})
    try:
        attempts.spend(kind="letters", by=address, most=MOST_LETTERS, within=ASKED_WITHIN)
    except Throttled:
        return
    if person is not None:
        mail.deliver(letter)
        record_for(person, audit.Event.PASSWORD_RESET_ASKED)


def token_of(person: User) -> str:
    """What the link carries. It dies with the password, with the next sign-in, and after LINK_LIFE."""
    return f"{person.pk}-{_links.make_token(person)}"


def person_of(token: str) -> User | None:
    """Whose link this is, while it works; holds the person's row, so that of two who use it one comes second."""
    number, _, rest = token.partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    person = User.objects.select_for_update().filter(pk=int(number), is_active=True).first()
    return person if person is not None and _links.check_token(person, rest) else None


def reset(*, token: str, password: str, site: str) -> User:
    """A new password by the link's token. Raises LinkRefused, RecordInvalid, Throttled."""
    attempts.spend(kind="reset", by=site, most=MOST_TRIED, within=ASKED_WITHIN)
    with transaction.atomic():
        person = person_of(token)
        if person is None:
            raise LinkRefused
        check(password, person)
        _set(person, password, audit.Event.PASSWORD_RESET)
    lockout.forgive(person)
    return person


def change(*, request: HttpRequest, person: User, old: str, new: str) -> User:
    """A new password for one who knows the old one. Raises InputInvalid, RecordInvalid, Throttled."""
    try:
        person = lockout.recognise(request=request, email=person.email, password=old)
    except lockout.WrongCredentials:
        raise InputInvalid("That is not your password.", attr="old_password") from None
    check(new, person, "new_password")
    if old == new:
        raise InputInvalid("The new password is the old one.", attr="new_password")
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=person.pk)
        _set(person, new, audit.Event.PASSWORD_CHANGED)
    return person


def _set(person: User, password: str, event: audit.Event) -> None:
    person.set_password(password)
    person.save(update_fields=["password"])
    sessions.end_all(person)
    mail.post(template="password_changed", to=person.email, link=mail.link("/password/forgot/"))
    record_for(person, event)


__all__ = ["LinkRefused", "answer_forgotten", "change", "check", "forgot", "person_of", "reset", "token_of"]
