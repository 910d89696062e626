"""The pages: sign-in, what serves, and one predictor with its card and a form to try it."""

from __future__ import annotations

import json
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.access import for_company, needs
from dashboard.answers import shown
from dashboard.decision_pages import decisions
from dashboard.drift import drift_shown
from dashboard.forms import AskForm
from dashboard.selectors import predictor_page
from ml_services import answering, selectors
from ml_services.schema import example_record
from platform_core.errors import DatabaseUnavailable, NoModel, RecordInvalid
from platform_core.tenancy import current_company
from users import asking
from users.models import User
from users.roles import Act, role_may


@require_safe
@for_company
@needs(Act.SEE_MODELS)
def home(request: HttpRequest, *, company: Any) -> HttpResponse:
    """Every predictor, what serves it and how good it is."""
    return render(request, "dashboard/home.html", {"company": company, "predictors": selectors.overview()})


@require_http_methods(["GET", "HEAD", "POST"])
@for_company
@needs(Act.SEE_MODELS)
def predictor(request: HttpRequest, name: str, *, company: Any) -> HttpResponse:
    """One predictor: its form, its answer once asked, its card."""
    page = predictor_page(name)
    form = AskForm(page["fields"], request.POST if request.method == "POST" else None)
    # Between single quotes of a shell, a single quote is left, written, and entered again.
    example = json.dumps(example_record(page["fields"]), ensure_ascii=False).replace("'", "'\\''")
    context = {"company": company, "form": form, "example": example, **page}
    context |= {**decisions(name), "drift": drift_shown(name, now=request.GET.get("drift") == "now")}
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
