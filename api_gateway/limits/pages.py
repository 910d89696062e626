"""The same limits for pages: what a person asks in a form counts as what their programs ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from api_gateway.limits import gate
from api_gateway.limits.leases import Claim
from api_gateway.limits.windows import Budget
from ml_services import registry
from ml_services.lasting import questions
from platform_core.middleware import FOR_PROGRAMS


class PageLimits:
    """Counts a page's request against its address and its person. Stands after the sign-in of pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> HttpResponse | None:
        """A page that says when to come again, where a limit is reached; else None."""
        if request.path_info.startswith(FOR_PROGRAMS):
            return None
        sign_in = request.method == "POST" and request.path_info == settings.LOGIN_URL
        return _refusal(request, gate.of_address(request, sign_in=sign_in), 1) or _of_person(request, kwargs)


def _of_person(request: HttpRequest, kwargs: dict[str, Any]) -> HttpResponse | None:
    if not request.user.is_authenticated:
        return None
    budget, cost = Budget.REQUESTS, 1
    if request.method == "POST" and request.resolver_match and request.resolver_match.url_name == "predictor":
        predictor = registry.all_predictors().get(kwargs["name"])
        budget, cost = Budget.PREDICTIONS, predictor.cost if predictor else 1
    elif request.resolver_match and request.resolver_match.url_name == "history-entry":
        budget, cost = _told_later(request)
    # A person's first company, which the session does not name, is looked up by the page: too late for counting.
    company: int | None = request.session.get("company")
    return _refusal(
        request, gate.of_asker(key_id=None, user_id=request.user.pk, company_id=company, budget=budget), cost
    )


def _told_later(request: HttpRequest) -> tuple[Budget, int]:
    """What a prediction's page works out when it is asked to, as over the API."""
    sent = {"named": questions.ONE_COST, "best": questions.SEARCH_COST}
    drawn = questions.CHANGE_COST * ("why" in request.GET) + questions.CASES_COST * ("cases" in request.GET)
    drawn += sent.get(request.POST.get("if", ""), 0)
    return (Budget.PREDICTIONS, drawn) if drawn else (Budget.REQUESTS, 1)


def _refusal(request: HttpRequest, claims: list[Claim], cost: int) -> HttpResponse | None:
    standing = gate.charge(claims, cost)
    if standing is None or not standing.refused:
        return None
    problem = gate.throttled(standing, cost)
    answer = render(request, "429.html", {"detail": problem.detail}, status=429)
    answer["Retry-After"] = str(problem.retry_after_s)
    return answer


__all__ = ["PageLimits"]
