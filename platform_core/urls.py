"""The house's front doors."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.urls import include, path

from api_gateway.views.documents import ApiSchemaView, RedocView, SwaggerView, redoc_script
from api_gateway.views.installation import HealthView, ReadyView, metrics

# One sign-in page for all: there the lock-out is told, and counted as everywhere.
admin.site.login = login_required(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("api/schema/", ApiSchemaView.as_view(), name="schema"),
    path("api/", include("api_gateway.urls")),
    path("swagger/", SwaggerView.as_view(), name="swagger"),
    path("redoc/redoc.js", redoc_script, name="redoc-script"),
    path("redoc/", RedocView.as_view(), name="redoc"),
    path("healthz/", HealthView.as_view(), name="healthz"),
    path("readyz/", ReadyView.as_view(), name="readyz"),
    path("metrics/", metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("", include("dashboard.urls")),
]
