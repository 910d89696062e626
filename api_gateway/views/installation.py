"""Is it alive, is it ready, how is it doing?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway import measures, readiness
from api_gateway.endpoint import OpenEndpoint
from api_gateway.operations import Operation
from api_gateway.problems import RETRY_AFTER_S, body
from api_gateway.schemas import record

TAG = "Installation"
READY = record(
    {
        "status": {"const": "ready"},
        "parts": record({name: {"enum": [readiness.OK, readiness.NOT_USED]} for name in readiness.PARTS}),
    }
)


class HealthView(OpenEndpoint):
    """The process answers. Nothing else is asked: a database that is away is no reason to restart this one."""

    operations = {
        "get": Operation(
            id="health", summary="Is it alive?", tag=TAG, answer=record({"status": {"const": "ok"}}), public=True
        )
    }

    limited = False

    def get(self, request: Request) -> Response:
        return Response({"status": "ok"})


class ReadyView(OpenEndpoint):
    """The process can do its work: each part that it needs is well. What is not is named in `attr` of an error."""

    operations = {
        "get": Operation(id="ready", summary="Is it ready?", tag=TAG, answer=READY, public=True, errors=(503,))
    }

    limited = False

    def get(self, request: Request) -> Response:
        parts, problems = readiness.look()
        if problems:
            return Response(body(503, problems), status=503, headers={"Retry-After": str(RETRY_AFTER_S)})
        return Response({"status": "ready", "parts": parts})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, for whoever has the token. Without a token in the settings there is nothing here."""
    refusal = measures.refusal(request.META.get("HTTP_AUTHORIZATION", ""))
    return refusal or HttpResponse(measures.text(), content_type=CONTENT_TYPE_PLAIN_0_0_4)
