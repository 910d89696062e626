"""What /metrics/ says: what the web processes counted, and what the database knows now. No company is named."""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from django.conf import settings
from django.db.utils import Error
from django.http import HttpResponse
from msgspec import json
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from api_gateway.problems import Problem, body, one
from ml_services import census
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


class FromDatabase(Collector):
    """Asked at each scrape. Where the database is away, it says just that."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("platform_database_up", "Whether the database answered.")
        try:
            found = [self._versions(), self._runs()]
        except Error:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield from [up, *found]

    def _versions(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily(
            "platform_model_info", "Versions that serve.", labels=["predictor", "version", "evidence", "owner"]
        )
        for predictor, version, evidence, shared in census.versions_that_serve():
            family.add_metric([predictor, version, evidence, "shared" if shared else "company"], 1)
        return family

    def _runs(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily("platform_training_runs", "Training runs by state.", labels=["state"])
        for state, count in census.runs_by_state().items():
            family.add_metric([state], count)
        return family


def text() -> bytes:
    """All of it in Prometheus' text format."""
    known = CollectorRegistry()
    known.register(FromDatabase())
    return generate_latest(metrics.registry()) + generate_latest(known)


__all__ = ["refusal", "text"]
