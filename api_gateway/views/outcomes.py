"""What really happened: reported by the caller, one or many at once, and listed."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway import lists
from api_gateway.endpoint import Endpoint
from api_gateway.ledger_schemas import OUTCOME_ROW, TAKEN_OR_MANY, outcome_body
from api_gateway.operations import Operation, query
from api_gateway.outcome_reports import taken
from ml_services import registry
from request_logs import selectors
from request_logs.lines import outcome_row
from users import asking
from users.roles import Act

TAG = "Outcomes"
HOW = (
    'Takes one report, or `{"outcomes": [...]}` with up to 1,000: then each has its own result or errors, in the same '
    "order. An `external_id` means the latest prediction of `predictor` with it, made before `occurred_at`. Reports "
    "may come years later. The same again is a `duplicate` and stored once. Another outcome is `contradictory`: both "
    "are kept, and the one with the latest `occurred_at` counts."
)
EXAMPLES = {
    "by prediction": {"prediction_id": "01937f4e-6f3a-7c51-9a52-0d5f3b1c2a77", "outcome": True},
    "several": {
        "outcomes": [
            {"external_id": "crm-77", "predictor": "churn", "outcome": True, "occurred_at": "2026-11-20"},
            {"external_id": "crm-78", "predictor": "clv", "outcome": 1240.5, "occurred_at": "2026-11-20T16:00:00Z"},
        ]
    },
}


class OutcomesView(Endpoint):
    """Report outcomes; list what was reported."""

    acts = {"get": Act.SEE_PREDICTIONS, "post": Act.RECORD_OUTCOMES}

    def describe(self, method: str) -> Operation:
        if method == "post":
            return Operation(
                id="outcomes_report",
                summary="Report what happened",
                tag=TAG,
                description=HOW,
                body=outcome_body(list(registry.all_predictors())),
                body_examples=EXAMPLES,
                answer=TAKEN_OR_MANY,
                errors=(404,),
            )
        return Operation(
            id="outcomes",
            summary="What was reported",
            tag=TAG,
            answer=lists.rows_from_cursor(OUTCOME_ROW),
            queries=(
                *lists.CURSOR,
                *lists.TIMES,
                lists.ASKER,
                lists.predictor_query(),
                query("version", lists.ANY_TEXT, "Only of what this version predicted."),
                query("external_id", lists.ANY_TEXT, "Only for this id of yours."),
                query("prediction_id", lists.UUID_TEXT, "Only of this prediction."),
            ),
        )

    def queries(self, method: str) -> frozenset[str]:
        return frozenset(one["name"] for one in self.describe(method).queries) if method in self.acts else frozenset()

    def get(self, request: Request) -> Response:
        before, size = lists.cursor_of(request)
        rows, going_on = selectors.outcomes(filters=lists.filters_of(request), before=before, size=size)
        return lists.answer(request, [outcome_row(row) for row in rows], going_on)

    def post(self, request: Request) -> Response:
        return Response(taken(asking.required(request), request.data))
