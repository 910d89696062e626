"""Token pairs: whose they are, for which company, and when they end."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from rest_framework_simplejwt.exceptions import AuthenticationFailed, InvalidToken, TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken, Token, UntypedToken
from rest_framework_simplejwt.utils import get_md5_hash_password

from platform_core.errors import NotFound
from users import audit, lockout
from users.authentication import COMPANY_CLAIM
from users.models import Membership, User
from users.people import memberships, record_for, record_in

SESSION_CLAIM = "session"
"""The claim of a refresh token by which all that came from one sign-in are known."""
LOST_ANSWER = timedelta(seconds=60)
"""Within this time a token that comes again is a retry of a client whose answer was lost, or two of its tabs."""
SPENT = "Token is blacklisted"
NO_SUCH = "There is no such company among yours."


class Spent(Exception):
    """A refresh token that was used before, longer ago than a lost answer explains."""


def pair(place: Membership, session: str = "") -> dict[str, str]:
    """A new pair for a person in one of their companies; `session`: the one that it goes on with."""
    # Not by `for_user`, which writes the token down before these claims are in it.
    refresh = RefreshToken()
    refresh[api_settings.USER_ID_CLAIM] = str(place.user_id)
    refresh[api_settings.REVOKE_TOKEN_CLAIM] = get_md5_hash_password(place.user.password)
    refresh[COMPANY_CLAIM] = place.company_id
    refresh[SESSION_CLAIM] = session or uuid4().hex
    refresh.outstand()
    return {"refresh": str(refresh), "access": str(refresh.access_token)}


def membership(person: User, company: str | int | None = None) -> Membership:
    """A person's place in the company of a slug or an id, else in their first. Raises NotFound for a company that is
    not theirs, AuthenticationFailed for a person who has none."""
    found = memberships(person)
    if not found:
        raise AuthenticationFailed("This person belongs to no company.", code="no_company")
    if company is None:
        return found[0]
    for one in found:
        if company in {one.company_id, one.company.slug}:
            return one
    raise NotFound(NO_SUCH, attr="company")


def sign_in(*, request: HttpRequest, email: str, password: str, company: str | int | None = None) -> Membership:
    """Who signs in, and to which of their companies. Raises WrongCredentials, Throttled, NotFound."""
    person = lockout.recognise(request=request, email=email, password=password)
    place = membership(person, company)
    entered(request=request, place=place)
    return place


@transaction.atomic
def switched(*, person: User, company: str | int) -> dict[str, str]:
    """A pair for another of a person's companies. Raises NotFound for one that is not theirs."""
    place = membership(person, company)
    record_in(place.company_id, person, audit.Event.SIGNED_IN)
    return pair(place)


@transaction.atomic
def entered(*, request: HttpRequest, place: Membership) -> None:
    """Notes that a person came in."""
    lockout.entered(request=request, person=place.user)
    record_in(place.company_id, place.user, audit.Event.SIGNED_IN)


def refreshed(raw: str) -> dict[str, str]:
    """A new pair for a refresh token, which is spent. One that was spent before is in two hands: its whole session
    ends (RFC 9700, section 4.14.2). Raises InvalidToken, AuthenticationFailed."""
    token = _read(RefreshToken, raw, spent_too=True)
    try:
        return _rotated(token)
    except Spent:
        _end_session(token)
        raise InvalidToken(SPENT) from None


@transaction.atomic
def _rotated(token: Any) -> dict[str, str]:
    jti = token[api_settings.JTI_CLAIM]
    # Of several requests with one token the first holds its row; the others then find it spent.
    OutstandingToken.objects.select_for_update().filter(jti=jti).first()
    spent = BlacklistedToken.objects.filter(token__jti=jti).first()
    if spent is not None:
        raise Spent if spent.blacklisted_at < timezone.now() - LOST_ANSWER else InvalidToken(SPENT)
    place = checked(token)
    token.blacklist()
    return pair(place, str(token.get(SESSION_CLAIM) or ""))


@transaction.atomic
def _end_session(token: Any) -> None:
    person = User.objects.filter(pk=token.get(api_settings.USER_ID_CLAIM)).first()
    session = token.get(SESSION_CLAIM)
    if person is None or not session:
        return
    rows = OutstandingToken.objects.select_for_update(of=("self",)).filter(user=person, blacklistedtoken=None)
    same = [row for row in rows if RefreshToken(cast(Any, row.token), verify=False).get(SESSION_CLAIM) == session]
    BlacklistedToken.objects.bulk_create([BlacklistedToken(token=row) for row in same], ignore_conflicts=True)
    if same:
        record_for(person, audit.Event.TOKEN_REUSED)


def checked(token: Token) -> Membership:
    """The membership that a token speaks for, as it is now: the person is there and active, has not changed the
    password, and is still in the company. Raises InvalidToken, AuthenticationFailed."""
    number = str(token.get(api_settings.USER_ID_CLAIM) or "")
    person = User.objects.filter(pk=int(number)).first() if number.isascii() and number.isdecimal() else None
    if person is None or not person.is_active:
        raise InvalidToken("There is no active person of this token")
    mark = str(token.get(api_settings.REVOKE_TOKEN_CLAIM) or "")
    if not hmac.compare_digest(mark.encode(), get_md5_hash_password(person.password).encode()):
        raise AuthenticationFailed("The user's password has been changed.", code="password_changed")
    company = token.get(COMPANY_CLAIM)
    found = memberships(person)
    place = next((one for one in found if company in {None, one.company_id}), None)
    if place is None:
        raise AuthenticationFailed("This person does not belong to the token's company.", code="no_company")
    return place


def verify(raw: str) -> None:
    """Raises InvalidToken or AuthenticationFailed for a token, of either kind, that would not be taken now."""
    token = _read(UntypedToken, raw)
    if BlacklistedToken.objects.filter(token__jti=token.get(api_settings.JTI_CLAIM)).exists():
        raise InvalidToken(SPENT)
    checked(token)


@transaction.atomic
def end(raw: str) -> None:
    """Spends a refresh token. Raises InvalidToken."""
    token = _read(RefreshToken, raw)
    token.blacklist()
    person = User.objects.filter(pk=token.get(api_settings.USER_ID_CLAIM)).first()
    if person is not None:
        record_for(person, audit.Event.SIGNED_OUT)


def end_all(person: User) -> None:
    """Spends every refresh token of a person. Access tokens and browser sessions end with the password they carry."""
    rows = OutstandingToken.objects.select_for_update(of=("self",)).filter(user=person, blacklistedtoken=None)
    BlacklistedToken.objects.bulk_create([BlacklistedToken(token=row) for row in rows], ignore_conflicts=True)


def _read(kind: type[Any], raw: str, *, spent_too: bool = False) -> Any:
    """A token whose signature, kind and time are right. `spent_too`: whether it was spent is for the caller to see."""
    try:
        if not spent_too:
            return kind(raw)
        UntypedToken(cast(Any, raw))
        token = kind(raw, verify=False)
        token.verify_token_type()
    except TokenError as problem:
        raise InvalidToken(str(problem.args[0])) from None
    return token


__all__ = ["checked", "end", "end_all", "entered", "membership", "pair", "refreshed", "sign_in", "switched", "verify"]
