"""The page of how a predictor's answers turned out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard import outcome_pages as pages
from dashboard.access import for_company, needs
from ml_services import registry, scoreboard
from users.roles import Act


@require_safe
@for_company
@needs(Act.SEE_MODELS)
def outcomes(request: HttpRequest, name: str, *, company: Any) -> HttpResponse:
    """What was said, beside what came, of the version asked for or the one that serves."""
    found = scoreboard.board(name)
    board = pages.chosen(found, request.GET.get("version", ""))
    context = {"company": company, "predictor": registry.predictor(name), "found": found, "board": board}
    return render(request, "dashboard/outcomes.html", context | pages.layout(board))


__all__ = ["outcomes"]
