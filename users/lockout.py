"""Who guesses passwords is stopped, and nobody else: failures count (django-axes) for one person from one site, and
for one site over all persons; what happens elsewhere does not count."""

from __future__ import annotations

from math import ceil
from typing import Any

from axes.backends import AxesStandaloneBackend
from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in
from django.db.models import Max, Min, Q, Sum
from django.http import HttpRequest
from django.utils import timezone

from platform_core.addresses import client_site
from platform_core.errors import InputInvalid, PlatformError, Throttled
from users import outbox
from users.attempts import said
from users.emails import canonical
from users.models import User

MOST_FROM_ONE_SITE = 50
"""Failures of one site within the cool-off, whoever they name. An office behind one address makes fewer typing
errors; who tries one password on many people makes more."""
NO_ADDRESS = "(no address)"
"""What failures count under that name no possible mailbox: some type their password there."""


class WrongCredentials(PlatformError):
    """No active account has that address and password: which of them is wrong is not said."""

    code = "no_active_account"
    status = 401
    default = "No account has that e-mail and password."


class LockoutBackend(AxesStandaloneBackend):  # type: ignore[misc]
    """Stops at Django's own door too (/admin/, and whatever else calls `authenticate` with a request)."""

    def authenticate(self, request: HttpRequest | None, username: str | None = None, **more: Any) -> None:
        # Without a request there is nobody to count for: a command, or Django's test client.
        if request is not None:
            super().authenticate(request, username, **more)


def counted_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The name that failures count under: the mailbox, in whichever spelling it was typed."""
    given = (credentials or {}).get("username") or (credentials or {}).get("email") or ""
    try:
        return canonical(str(given))
    except InputInvalid:
        return NO_ADDRESS


def recognise(*, request: HttpRequest, email: str, password: str) -> User:
    """The person of an address and a password. Raises WrongCredentials, or Throttled without looking at the
    password."""
    name = counted_name(request, {"username": email})
    check(request, name)
    found = authenticate(request, username=name, password=password)
    if isinstance(found, User):
        return found
    locked = bool(getattr(request, "axes_locked_out", False))
    outbox.post(kind="sign_in_failed", payload={"name": name, "locked": locked})
    raise WrongCredentials


def entered(*, request: HttpRequest, person: User) -> None:
    """Says that a person came in: their failures from this site are forgotten."""
    user_logged_in.send(sender=User, request=request, user=person)


def check(request: HttpRequest, name: str) -> None:
    """Raises Throttled where a person from this site, or the site, failed too often of late."""
    now, cool_off = timezone.now(), settings.AXES_COOLOFF_TIME
    own = Q(username=name)
    found = AccessAttempt.objects.filter(ip_address=client_site(request), attempt_time__gt=now - cool_off).aggregate(
        own=Sum("failures_since_start", filter=own),
        own_last=Max("attempt_time", filter=own),
        all=Sum("failures_since_start"),
        all_first=Min("attempt_time"),
    )
    if (found["own"] or 0) >= settings.AXES_FAILURE_LIMIT:
        since = found["own_last"]
    elif (found["all"] or 0) >= MOST_FROM_ONE_SITE:
        since = found["all_first"]
    else:
        return
    wait_s = (since + cool_off - now).total_seconds()
    raise Throttled(
        f"Too many failed sign-ins from here. Try again in {said(wait_s)}, or ask for a new password.",
        retry_after_s=ceil(wait_s),
    )


def forgive(person: User) -> None:
    """Forgets a person's failures everywhere: they have proved by e-mail who they are."""
    reset(username=person.email)


__all__ = ["LockoutBackend", "WrongCredentials", "check", "counted_name", "entered", "forgive", "recognise"]
