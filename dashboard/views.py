"""The pages: sign-in and what serves."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dashboard.selectors import company_of
from ml_services import selectors
from platform_core.tenancy import company_in_force


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Every predictor, what serves it and how good it is."""
    company = company_of(request.user)
    if company is None:
        return render(request, "dashboard/no_company.html", status=403)
    with company_in_force(company.pk):
        return render(request, "dashboard/home.html", {"company": company, "predictors": selectors.overview()})
