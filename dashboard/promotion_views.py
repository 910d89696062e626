"""Which version of a predictor serves, by hand: the form of a predictor's page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard.access import for_company, needs
from ml_services import selectors, services
from ml_services.champions import by_hand
from platform_core.errors import PlatformError
from platform_core.tenancy import current_company
from users.roles import Act


@require_POST
@for_company
@needs(Act.PROMOTE)
def promote(request: HttpRequest, name: str, version: str, *, company: Any) -> HttpResponse:
    """Lets a version of the company's own serve, with a reason; `expected`: what served when the page was shown."""
    own = services.own(selectors.version(name, version), current_company())
    given = {key: request.POST[key] for key in ("reason", "expected") if key in request.POST}
    try:
        services.promote(version=own, **by_hand.asked(given))
    except PlatformError as problem:
        messages.error(request, problem.detail)
    else:
        messages.success(request, f"{own.version} serves now, everywhere within seconds.")
    return redirect("predictor", name=name)


__all__ = ["promote"]
