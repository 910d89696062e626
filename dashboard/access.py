"""Who may see a page: people of the company in force, by the same table as the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from dashboard.form_pages import COMPANY
from platform_core.errors import NotAllowed, NotFound
from platform_core.storage_trouble import told
from platform_core.tenancy import company_in_force
from users import asking, people
from users.models import Company, Membership, User
from users.roles import Act, role_may

Page = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page: the company in force, the person's other ones, and what they may do."""

    company: Company
    places: list[Membership]
    may: dict[str, bool]


def for_company(page: Page) -> Page:
    """A page for signed-in people, with one of their companies in force: the one chosen, else their first."""

    @login_required
    @wraps(page)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        person = cast(User, request.user)
        places = people.memberships(person)
        if not places:
            return render(request, "dashboard/no_company.html", status=403)
        chosen = request.session.get(COMPANY)
        place = next((one for one in places if one.company_id == chosen), places[0])
        person.role = place.role
        may = {str(act): role_may(place.role, act) for act in Act}
        request.frame = Frame(place.company, places, may)  # type: ignore[attr-defined]
        asking.now_asking.set(asking.of(person, place.company_id))
        with company_in_force(place.company_id):
            try:
                return page(request, *args, company=place.company, **kwargs)
            except NotFound as problem:
                raise Http404(problem.detail) from None
            except NotAllowed as problem:
                raise PermissionDenied(problem.detail) from None
            except OSError as problem:
                return _away(request, problem)

    return guarded


def _away(request: HttpRequest, problem: OSError) -> HttpResponseBase:
    """A page that says what is full or away, and when to come again. Raises the problem where it is another."""
    found = told(problem)
    if found is None:
        raise problem
    answer = render(request, "503.html", {"detail": found.detail}, status=found.status)
    answer["Retry-After"] = str(found.retry_after_s)
    return answer


def needs(act: Act, *, to_change: Act | None = None) -> Callable[[Page], Page]:
    """Beneath `for_company`: whose role does not allow the act gets 403. `to_change`: the act of a sent form."""

    def guard(page: Page) -> Page:
        @wraps(page)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            asked = to_change if to_change is not None and request.method == "POST" else act
            if not role_may(cast(User, request.user).role, asked):
                raise NotAllowed
            return page(request, *args, **kwargs)

        return guarded

    return guard


def framed(request: HttpRequest) -> dict[str, Any]:
    """The context processor that gives every template its frame."""
    frame: Frame | None = getattr(request, "frame", None)
    return {"company": frame.company, "places": frame.places, "may": frame.may} if frame else {}


__all__ = ["Frame", "for_company", "framed", "needs"]
