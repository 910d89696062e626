"""What the pages with a form share: the service is asked once the form is sent, and its refusals stand in the form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dashboard.account_forms import ServiceForm
from platform_core.errors import PlatformError, Throttled
from users import audit, people
from users.models import Membership

BACKEND = "django.contrib.auth.backends.ModelBackend"
COMPANY = "company"
"""The session's company, by its id."""
LONGEST_TOKEN = 1000
LINK_S = 3600
"""How long a browser keeps the token of a link that was opened."""


def asked(form: ServiceForm, do: Callable[..., Any], **more: Any) -> tuple[bool, Any]:
    """Whether the service did what the form asks, and what it gave; else the form says why not."""
    if not form.is_valid():
        return False, None
    try:
        return True, do(**form.cleaned_data, **more)
    except Throttled:
        raise
    except PlatformError as problem:
        form.refuse(problem)
        return False, None


def page(
    request: HttpRequest, template: str, form: ServiceForm, do: Callable[[], HttpResponse | None], **context: Any
) -> HttpResponse:
    """A page with one form: what `do` answers once it is sent, else the form again; 429 where that is too often."""
    context |= {"form": form}
    try:
        answer = do() if request.method == "POST" else None
    except Throttled as problem:
        return too_often(request, template, problem, context)
    return answer or render(request, f"dashboard/{template}.html", context)


def too_often(request: HttpRequest, template: str, problem: Throttled, context: dict[str, Any]) -> HttpResponse:
    """The page with a word on when to come again."""
    answer = render(request, f"dashboard/{template}.html", {**context, "wait": problem.detail}, status=429)
    answer.headers["Retry-After"] = str(problem.retry_after_s)
    return answer


def enter(request: HttpRequest, place: Membership) -> HttpResponse:
    """Signs a person in, with a company of theirs in their session."""
    login(request, place.user, backend=BACKEND)
    request.session[COMPANY] = place.company_id
    request.session.set_expiry(None)
    people.record_in(place.company_id, place.user, audit.Event.SIGNED_IN)
    return redirect("home")


def kept_token(request: HttpRequest, name: str) -> HttpResponse | str:
    """The token of a mailed link. It is taken out of the address at once: addresses are logged, and shown to others."""
    if "token" in request.GET:
        request.session[name] = request.GET["token"][:LONGEST_TOKEN]
        if not request.user.is_authenticated:
            request.session.set_expiry(LINK_S)
        return redirect(request.path)
    return str(request.session.get(name, ""))


__all__ = ["COMPANY", "asked", "enter", "kept_token", "page", "too_often"]
