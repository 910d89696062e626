"""Predict: one record or up to a thousand in, answers out. One view serves every predictor. And what was predicted:
the ledger, one prediction, and the same computed again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway import lists
from api_gateway.endpoint import Endpoint
from api_gateway.ledger_schemas import PREDICTION, PREDICTION_WHOLE, REPLAY
from api_gateway.limits.windows import Budget
from api_gateway.operations import Operation, query
from api_gateway.predict_operation import EXPLAIN, MOST_RECORDS, predict_operation
from api_gateway.problems import of_record
from ml_services import answering, registry
from ml_services.replay import replay
from platform_core.errors import InputInvalid, RecordInvalid
from platform_core.tenancy import current_company
from request_logs import selectors
from request_logs.lines import prediction_line, prediction_whole
from users import asking
from users.roles import Act

TAG = "Predictions"
WORDS = {"true": True, "false": False}


def _explain(request: Request) -> bool:
    given = request.query_params.get("explain", "true").lower()
    if given not in WORDS:
        raise InputInvalid("explain must be true or false.", attr="explain")
    return WORDS[given]


def _many(body: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The records of a `{"records": [...]}` body, or None where the body is one record."""
    if "records" not in body or len(body) != 1:
        return None
    records = body["records"]
    if not isinstance(records, list) or not 0 < len(records) <= MOST_RECORDS:
        raise InputInvalid(f"records must be a list of 1 to {MOST_RECORDS:,} objects.", attr="records")
    for position, record in enumerate(records):
        if not isinstance(record, dict):
            raise InputInvalid(f"records[{position}] must be an object.", attr=f"records.{position}")
    return records


def _answer(result: dict[str, Any] | RecordInvalid) -> dict[str, Any]:
    return {"errors": of_record(result)} if isinstance(result, RecordInvalid) else result


class PredictView(Endpoint):
    """POST a record, get its prediction with reasons."""

    acts = {"post": Act.PREDICT}
    predictor = ""

    def describe(self, method: str) -> Operation:
        return predict_operation(self.predictor)

    def queries(self, method: str) -> frozenset[str]:
        return frozenset({EXPLAIN["name"]})

    def cost(self, request: Request) -> tuple[Budget, int]:
        body = request.data
        records = body.get("records") if isinstance(body, dict) and len(body) == 1 else None
        count = min(len(records), MOST_RECORDS) if isinstance(records, list) and records else 1
        return Budget.PREDICTIONS, count * registry.predictor(self.predictor).cost

    def post(self, request: Request) -> Response:
        body, explain = request.data, _explain(request)
        if not isinstance(body, dict):
            raise InputInvalid('The body must be one JSON object, or {"records": [...]}.')
        records = _many(body)
        asker, company = asking.required(request), current_company()
        if records is None:
            return Response(answering.answer_one(asker, company, self.predictor, body, explain=explain))
        results = answering.answer_many(asker, company, self.predictor, records, explain=explain)
        return Response({"results": [_answer(result) for result in results]})


class PredictionsView(Endpoint):
    """The ledger, newest first."""

    acts = {"get": Act.SEE_PREDICTIONS}

    def describe(self, method: str) -> Operation:
        return Operation(
            id="predictions",
            summary="What was predicted",
            tag=TAG,
            answer=lists.rows_from_cursor(PREDICTION),
            queries=(
                *lists.CURSOR,
                *lists.TIMES,
                lists.ASKER,
                lists.predictor_query(),
                query("version", lists.ANY_TEXT, "Only what this version predicted."),
                query("external_id", lists.ANY_TEXT, "Only for this id of yours."),
            ),
        )

    def queries(self, method: str) -> frozenset[str]:
        return frozenset(one["name"] for one in self.describe(method).queries) if method == "get" else frozenset()

    def get(self, request: Request) -> Response:
        before, size = lists.cursor_of(request)
        rows, going_on = selectors.predictions(filters=lists.filters_of(request), before=before, size=size)
        happened = selectors.current_outcomes(rows)
        return lists.answer(request, [prediction_line(row, happened.get(row.pk)) for row in rows], going_on)


class PredictionView(Endpoint):
    """One prediction, whole."""

    acts = {"get": Act.SEE_PREDICTIONS}
    operations = {
        "get": Operation(
            id="prediction", summary="One prediction, whole", tag=TAG, answer=PREDICTION_WHOLE, errors=(404,)
        )
    }

    def get(self, request: Request, prediction: UUID) -> Response:
        row = selectors.prediction(prediction)
        return Response(prediction_whole(row, selectors.history(row)))


class ReplayView(Endpoint):
    """The same prediction, computed again by the version that made it."""

    acts = {"post": Act.SEE_PREDICTIONS}
    operations = {
        "post": Operation(
            id="prediction_replay",
            summary="Compute it again",
            tag=TAG,
            description=(
                "By the version that made it, from what was kept. `matches` is null where personal inputs were "
                "redacted: then it cannot be computed again. 409: the version is gone."
            ),
            answer=REPLAY,
            errors=(404, 409),
        )
    }

    def cost(self, request: Request) -> tuple[Budget, int]:
        return Budget.PREDICTIONS, 1

    def post(self, request: Request, prediction: UUID) -> Response:
        return Response(replay(selectors.prediction(prediction)))
