"""What /metrics/ says: what the web processes counted, and what the database knows now. No company is named."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.db.utils import Error
from django.http import HttpResponse
from django.utils import timezone
from msgspec import json
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from api_gateway.problems import Problem, body, one
from ml_services import census
from platform_core import jobs, metrics

WAITING = ("todo", "doing", "failed")
"""The states that are told also where there is no task in them: an alert wants a nought, not an absence."""


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
            found = [self._versions(), self._runs(), self._queue(), self._workers()]
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

    def _queue(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily("platform_queue_jobs", "Tasks of the queue.", labels=["queue", "status"])
        rows: Any = ProcrastinateJob.objects.order_by().values_list("queue_name", "status").annotate(count=Count("pk"))
        none = {(queue, status): 0 for queue in jobs.QUEUES for status in WAITING}
        for (queue, status), count in (none | {(queue, status): count for queue, status, count in rows}).items():
            family.add_metric([queue, status], count)
        return family

    def _workers(self) -> GaugeMetricFamily:
        since = timezone.now() - timedelta(seconds=jobs.DEAD_AFTER_S)
        family = GaugeMetricFamily("platform_worker_processes", "Workers that were heard of in the last seconds.")
        family.add_metric([], ProcrastinateWorker.objects.filter(last_heartbeat__gte=since).count())
        return family


def text() -> bytes:
    """All of it in Prometheus' text format."""
    known = CollectorRegistry()
    known.register(FromDatabase())
    return generate_latest(metrics.registry()) + generate_latest(known)


__all__ = ["refusal", "text"]
