"""Who asked what, how it went, and what it adds up to."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway import lists
from api_gateway.endpoint import Endpoint
from api_gateway.ledger_schemas import REQUEST_ROW, USAGE
from api_gateway.operations import Operation, query
from platform_core.errors import InputInvalid
from request_logs import selectors, usage
from request_logs.lines import request_row
from users.roles import Act

TAG = "Logs"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class LogsView(Endpoint):
    """The requests of the company's keys and people below /api/, newest first."""

    acts = {"get": Act.SEE_LOGS}

    def describe(self, method: str) -> Operation:
        return Operation(
            id="logs",
            summary="Requests",
            tag=TAG,
            description="Written a second after the answer; kept 90 days. Never bodies, query strings or headers.",
            answer=lists.rows_from_cursor(REQUEST_ROW),
            queries=(
                *lists.CURSOR,
                *lists.TIMES,
                lists.ASKER,
                lists.predictor_query(),
                query("method", {"type": "string", "enum": METHODS}, "Only this method."),
                query("status", {"type": "integer", "minimum": 100, "maximum": 599}, "Only answers of this status."),
                query("path", lists.ANY_TEXT, "Only this path, as in /api/predict/churn/."),
            ),
        )

    def queries(self, method: str) -> frozenset[str]:
        return frozenset(one["name"] for one in self.describe(method).queries) if method == "get" else frozenset()

    def get(self, request: Request) -> Response:
        before, size = lists.cursor_of(request)
        filters = lists.filters_of(request)
        if filters.method and filters.method not in METHODS:
            raise InputInvalid(f"method must be one of {', '.join(METHODS)}.", attr="method")
        rows, going_on = selectors.requests(filters=filters, before=before, size=size)
        return lists.answer(request, [request_row(row) for row in rows], going_on)


class UsageView(Endpoint):
    """Per day, key or person, and predictor."""

    acts = {"get": Act.SEE_LOGS}

    def describe(self, method: str) -> Operation:
        return Operation(
            id="usage",
            summary="Usage by day",
            tag=TAG,
            description=(
                f"Days are those of UTC. Without times: the last {usage.USUAL_DAYS} days. Of a longer time than "
                f"{usage.MOST_DAYS} days its last ones: the answer's `from` and `to` say what it covers. Requests are "
                "kept 90 days, predictions as long as the company's retention says."
            ),
            answer=USAGE,
            queries=(*lists.TIMES, lists.ASKER, lists.predictor_query()),
        )

    def queries(self, method: str) -> frozenset[str]:
        return frozenset(one["name"] for one in self.describe(method).queries) if method == "get" else frozenset()

    def get(self, request: Request) -> Response:
        filters = lists.filters_of(request)
        since, until = usage.window(filters)
        return Response(
            {"from": since, "to": until, "results": usage.by_day(since=since, until=until, filters=filters)}
        )
