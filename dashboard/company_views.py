"""The pages of a company: its settings, its people, its keys. They call the services that the API calls."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.access import for_company, needs
from dashboard.company_forms import ROLES, InvitationForm, KeyForm, SettingsForm
from platform_core.errors import NotAllowed, PlatformError
from users import company_settings, invitations, key_making, keys, members
from users.models import Role, User
from users.permissions import may
from users.roles import Act, scopes_may

PAGE_ROWS = 50
FORM = ["GET", "HEAD", "POST"]


def person_of(request: HttpRequest) -> User:
    """The signed-in person, with their role in the company in force."""
    return cast(User, request.user)


def page_of(request: HttpRequest, rows: Any) -> Any:
    """The page of a list that the address names; one that is none is the nearest."""
    return Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))


def open_to(scopes: frozenset[str]) -> str:
    """A path that a key can be tried at, where there is one that it opens."""
    tries = {Act.SEE_MODELS: "/api/models/", Act.SEE_SCHEMAS: "/api/models/churn/schema/"}
    return next((path for act, path in tries.items() if scopes_may(scopes, act)), "")


def roles_for(person: User) -> list[str]:
    """The roles that a person may give."""
    return [role for role in Role.values if role != Role.OWNER or may(person, Act.MANAGE_OWNERS)]


@require_http_methods(FORM)
@for_company
@needs(Act.SEE_COMPANY, to_change=Act.CHANGE_COMPANY)
def settings(request: HttpRequest, *, company: Any) -> HttpResponse:
    """The company's settings."""
    form = SettingsForm(company, request.POST if request.method == "POST" else None)
    if form.is_bound:
        try:
            company_settings.change(company_id=company.pk, given=form.given())
        except PlatformError as problem:
            form.refuse(problem)
        else:
            messages.success(request, "Saved.")
            return redirect("company-settings")
    return render(request, "dashboard/settings.html", {"form": form})


@require_http_methods(FORM)
@for_company
@needs(Act.SEE_MEMBERS, to_change=Act.INVITE)
def people(request: HttpRequest, *, company: Any) -> HttpResponse:
    """The members; for who may, the open invitations and a form for another."""
    person = person_of(request)
    form = InvitationForm(roles_for(person), request.POST if request.method == "POST" else None)
    if form.is_bound:
        try:
            row = invitations.invite(given=form.given(), by=person)
        except PlatformError as problem:
            form.refuse(problem)
        else:
            messages.success(request, f"Invited {row.email}. The link in the letter works once, for 7 days.")
            return redirect("company-people")
    context = {"form": form, "members": page_of(request, members.members()), "roles": roles_for(person), "words": ROLES}
    if may(person, Act.SEE_INVITATIONS):
        context["invitations"] = invitations.open_invitations()[:PAGE_ROWS]
    return render(request, "dashboard/people.html", context)


@require_POST
@for_company
def member(request: HttpRequest, member: int, *, company: Any) -> HttpResponse:
    """Another role for a member, or the end of a membership."""
    person = person_of(request)
    own, left = members.is_own(person, member), False
    try:
        if "remove" in request.POST:
            members.remove(member_id=member, by=person)
        elif may(person, Act.MANAGE_MEMBERS):
            members.change_role(member_id=member, given={"role": request.POST.get("role", "")}, by=person)
        else:
            raise NotAllowed
    except PlatformError as problem:
        if problem.status in {403, 404}:
            raise
        messages.error(request, problem.detail)
    else:
        messages.success(request, "Done.")
        left = own and "remove" in request.POST
    return redirect("home" if left else "company-people")


@require_POST
@for_company
@needs(Act.INVITE)
def invitation(request: HttpRequest, invitation: int, *, company: Any) -> HttpResponse:
    """Takes an open invitation back."""
    invitations.withdraw(invitation_id=invitation)
    messages.success(request, "Withdrawn: the link does not work any more.")
    return redirect("company-people")


@never_cache
@require_http_methods(FORM)
@for_company
@needs(Act.MANAGE_KEYS)
def key_list(request: HttpRequest, *, company: Any) -> HttpResponse:
    """The keys, and a form for another, whose secret the answer shows this once."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {}
    if form.is_bound:
        try:
            row, secret = key_making.make(given=form.given(), by=person_of(request))
            form, context = KeyForm(), {"made": row, "secret": secret, "try_at": open_to(frozenset(row.scopes))}
        except PlatformError as problem:
            form.refuse(problem)
    context |= {"form": form, "keys": page_of(request, keys.keys_of_company()), "now": timezone.now()}
    return render(request, "dashboard/keys.html", context)


@require_POST
@for_company
@needs(Act.MANAGE_KEYS)
def key(request: HttpRequest, key: int, *, company: Any) -> HttpResponse:
    """Ends a key."""
    key_making.revoke(key_id=key)
    messages.success(request, "Revoked: within seconds it works nowhere any more.")
    return redirect("company-keys")
