"""The pages of a person: an invitation, the account, going on in another company."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dashboard import account_forms as forms
from dashboard.access import for_company
from dashboard.form_pages import COMPANY, asked, enter, kept_token, page
from platform_core.errors import InputInvalid, NotFound
from users import audit, joining, passwords, people, sessions
from users.invitations import offered
from users.models import Membership, User


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    """Taking up an invitation by its mailed link."""
    token = kept_token(request, "invitation_token")
    if isinstance(token, HttpResponse):
        return token
    try:
        invitation = offered(token)
    except InputInvalid as problem:
        return render(request, "dashboard/invitation_refused.html", {"said": problem.detail}, status=400)
    known = User.objects.filter(email=invitation.email).exists()
    signed_in = isinstance(request.user, User) and request.user.email == invitation.email
    form = forms.JoinForm(request.POST if request.method == "POST" else None, known=known, signed_in=signed_in)

    def join(**given: Any) -> Membership:
        return joining.accept(given={"token": token, **given}, request=request, signed_in=request.user)

    def do() -> HttpResponse | None:
        done, place = asked(form, join)
        return enter(request, place) if done else None

    return page(request, "accept", form, do, invitation=invitation, known=known, signed_in=signed_in)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_company
def account(request: HttpRequest, *, company: Any) -> HttpResponse:
    """One's name, password and companies."""
    person, wanted = cast(User, request.user), request.POST.get("form")
    renaming = forms.NameForm(request.POST if wanted == "name" else None, initial={"full_name": person.full_name})
    changing = forms.ChangeForm(request.POST if wanted == "password" else None)

    def change(old_password: str, new_password: str) -> User:
        return passwords.change(request=request, person=person, old=old_password, new=new_password)

    def do() -> HttpResponse | None:
        if wanted == "name":
            done, changed = asked(renaming, people.change, person=person)
        else:
            done, changed = asked(changing, change)
        if not done:
            return None
        # This session goes on; all others ended with the password.
        update_session_auth_hash(request, changed)
        messages.success(request, "Your name is changed." if wanted == "name" else "Your password is changed.")
        return redirect("account")

    places = people.memberships(person)
    return page(request, "account", changing, do, renaming=renaming, company=company, places=places)


@require_POST
@for_company
def switch(request: HttpRequest, *, company: Any) -> HttpResponse:
    """Going on in another of one's companies."""
    number = request.POST.get("company", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        raise NotFound
    place = sessions.membership(cast(User, request.user), int(number))
    request.session[COMPANY] = place.company_id
    people.record_in(place.company_id, place.user, audit.Event.SIGNED_IN)
    return redirect("home")


__all__ = ["accept", "account", "switch"]
