"""What /metrics/ says: what the web processes counted. No company is named."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import HttpResponse
from msgspec import json
from prometheus_client import generate_latest

from api_gateway.problems import Problem, body, one
from platform_core import metrics


def refusal(authorization: str) -> HttpResponse | None:
    """Why this header opens nothing, or None where it does. Takes as long for every wrong token."""
    if not settings.METRICS_TOKEN:
        return _answer(404, one("not_found", "There is nothing at this path."))
    expected = f"Bearer {settings.METRICS_TOKEN}"
    if hmac.compare_digest(authorization.encode(errors="replace"), expected.encode()):
        return None
    refused = _answer(401, one("not_authenticated", "The header must read Authorization: Bearer TOKEN."))
    refused["WWW-Authenticate"] = 'Bearer realm="metrics"'
    return refused


def _answer(status: int, problem: Problem) -> HttpResponse:
    return HttpResponse(json.encode(body(status, [problem])), status=status, content_type="application/json")


def text() -> bytes:
    """All of it in Prometheus' text format."""
    return generate_latest(metrics.registry())


__all__ = ["refusal", "text"]
