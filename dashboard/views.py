"""The pages: sign-in, what serves, and one predictor with its card and a form to try it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.answers import shown
from dashboard.forms import AskForm
from dashboard.selectors import company_in_pages, membership_for, predictor_page
from ml_services import answering, selectors
from ml_services.schema import example_record
from platform_core.errors import DatabaseUnavailable, NoModel, NotFound, RecordInvalid
from platform_core.tenancy import company_in_force, current_company
from users import asking
from users.models import User
from users.roles import Act, role_may

Page = Callable[..., HttpResponse]


def for_company(page: Page) -> Page:
    """A page for signed-in people, with their company in force."""

    @login_required
    @wraps(page)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = cast(User, request.user)
        membership = membership_for(person, request.session.get("company"))
        if membership is None:
            return render(request, "dashboard/no_company.html", status=403)
        person.role = membership.role
        asking.now_asking.set(asking.of(person, membership.company_id))
        with company_in_force(membership.company_id):
            try:
                return page(request, *args, company=company_in_pages(membership.company_id), **kwargs)
            except NotFound as problem:
                raise Http404(problem.detail) from None

    return guarded


@require_safe
@for_company
def home(request: HttpRequest, *, company: Any) -> HttpResponse:
    """Every predictor, what serves it and how good it is."""
    return render(request, "dashboard/home.html", {"company": company, "predictors": selectors.overview()})


@require_http_methods(["GET", "HEAD", "POST"])
@for_company
def predictor(request: HttpRequest, name: str, *, company: Any) -> HttpResponse:
    """One predictor: its form, its answer once asked, its card."""
    page = predictor_page(name)
    form = AskForm(page["fields"], request.POST if request.method == "POST" else None)
    # Between single quotes of a shell, a single quote is left, written, and entered again.
    example = json.dumps(example_record(page["fields"]), ensure_ascii=False).replace("'", "'\\''")
    context = {"company": company, "form": form, "example": example, **page}
    if request.method == "POST" and form.is_valid():
        context |= _asked(request, page, form)
    return render(request, "dashboard/predictor.html", context)


def _asked(request: HttpRequest, page: dict[str, Any], form: AskForm) -> dict[str, Any]:
    if not role_may(cast(User, request.user).role, Act.PREDICT):
        form.add_error(None, "Your role in this company may look, but not ask.")
        return {}
    try:
        who = asking.required(request)
        answer = answering.answer_one(who, current_company(), page["predictor"].name, form.record(), explain=True)
    except RecordInvalid as problem:
        form.refuse(problem)
        return {}
    except (NoModel, DatabaseUnavailable) as problem:
        form.add_error(None, problem.detail)
        return {}
    return {"answer": answer, "shown": shown(page["predictor"], answer)}


__all__ = ["home", "predictor"]
