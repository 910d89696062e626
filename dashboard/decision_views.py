"""The pages of decisions: a predictor's settings, a plan for one's own records, and who moves at a promotion."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.access import for_company, needs
from dashboard.decision_forms import MoneyForm
from dashboard.decision_pages import settings_form, with_curve
from ml_services import registry
from ml_services.decisions import money, movers, predictor_settings
from platform_core.errors import ArtifactRefused, InputInvalid, NoModel, PlatformError
from users.roles import Act

LISTED = 20
"""Movers on the page; the API lists as many as are asked for."""


@require_http_methods(["GET", "HEAD", "POST"])
@for_company
@needs(Act.SEE_MODELS, to_change=Act.PROMOTE)
def settings(request: HttpRequest, name: str, *, company: Any) -> HttpResponse:
    """What the company says of a predictor."""
    form = settings_form(name, request.POST if request.method == "POST" else None)
    if form.is_bound:
        try:
            predictor_settings.change(company_id=company.pk, predictor=name, given=form.given())
        except PlatformError as problem:
            form.refuse(problem)
        else:
            messages.success(request, "Saved.")
            return redirect("predictor", name=name)
    return render(request, "dashboard/decision_settings.html", {"form": form, "predictor": registry.predictor(name)})


@require_safe
@for_company
@needs(Act.SEE_MODELS)
def plan(request: HttpRequest, name: str, *, company: Any) -> HttpResponse:
    """Whom to act on among the records of the last weeks."""
    predictor, said = registry.predictor(name), predictor_settings.told(name)
    form = MoneyForm(request.GET or None, initial=said)
    shown: dict[str, Any] = {"form": form, "predictor": predictor, "days": money.USUAL_DAYS}
    try:
        given = {key: value for key, value in form.money().items() if value is not None} if form.is_bound else {}
        if form.is_bound or said["value_per_win"] is not None:
            asked = money.asked_of(name, given)
            found = money.planned(name, asked, money.latest(name, asked["days"]), "the predictions of the last weeks")
            shown["plan"] = with_curve(found)
    except PlatformError as problem:
        form = shown["form"] = MoneyForm(request.GET)
        form.refuse(problem)
    return render(request, "dashboard/decision_plan.html", shown)


@require_safe
@for_company
@needs(Act.SEE_MODELS)
def moving(request: HttpRequest, name: str, version: str, *, company: Any) -> HttpResponse:
    """Who would move if a version served."""
    shown: dict[str, Any] = {"predictor": registry.predictor(name), "version": version}
    try:
        told = movers.movers(name, version, n=LISTED)
    except (ArtifactRefused, InputInvalid, NoModel) as problem:
        return render(request, "dashboard/decision_movers.html", {**shown, "problem": problem.detail})
    rows = list(zip(told["band_names"], told["matrix"], strict=True))
    return render(request, "dashboard/decision_movers.html", {**shown, "told": told, "rows": rows})


__all__ = ["moving", "plan", "settings"]
