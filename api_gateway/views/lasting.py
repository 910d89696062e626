"""What is told of a prediction long after it: why it changed, past cases like it, and what if."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway.endpoint import Endpoint
from api_gateway.lasting_schemas import CASES, CHANGE, HOW_MANY, WHAT_IF, WHAT_IF_BODY
from api_gateway.limits.windows import Budget
from api_gateway.lists import UUID_TEXT, uuid_of
from api_gateway.operations import Operation, query
from ml_services.lasting import questions
from platform_core.errors import InputInvalid
from request_logs import selectors
from users.roles import Act

TAG = "Predictions"


def _asked(request: Request) -> dict[str, Any] | None:
    """The changes of a body; None where it names none. Raises InputInvalid."""
    body = request.data if request.data is not None else {}
    if not isinstance(body, dict) or not body.keys() <= {"changes"}:
        raise InputInvalid('The body must be {"changes": {field: value}}, or {} for the best changes.')
    changes = body.get("changes")
    if "changes" in body and not isinstance(changes, dict):
        raise InputInvalid("changes must be an object of fields and their new values.", attr="changes")
    return changes


def _count(request: Request) -> int:
    given = request.query_params.get("k", str(questions.USUAL_CASES))
    known = given.isascii() and given.isdigit() and len(given) <= 2
    if not known or not 1 <= int(given) <= questions.MOST_CASES_SHOWN:
        raise InputInvalid(f"k must be a whole number from 1 to {questions.MOST_CASES_SHOWN}.", attr="k")
    return int(given)


class ChangeView(Endpoint):
    """Why an answer changed since another one."""

    acts = {"get": Act.SEE_PREDICTIONS}
    operations = {
        "get": Operation(
            id="prediction_change",
            summary="Why it changed",
            tag=TAG,
            description=(
                "The difference from an earlier prediction of the same record, split exactly into data, time and "
                "model version. 404: there is no earlier prediction with the same external_id. Where an input was not "
                "kept or a version is gone, the parts are null and `reason` says why."
            ),
            answer=CHANGE,
            queries=(query("since", UUID_TEXT, "The earlier prediction; else the previous of the same external_id."),),
            errors=(404,),
        )
    }

    def cost(self, request: Request) -> tuple[Budget, int]:
        return Budget.PREDICTIONS, questions.CHANGE_COST

    def get(self, request: Request, prediction: UUID) -> Response:
        since = uuid_of(request.query_params.get("since"), "since")
        return Response(questions.change(selectors.prediction(prediction), since))


class CasesView(Endpoint):
    """Past cases like one."""

    acts = {"get": Act.SEE_PREDICTIONS}
    operations = {
        "get": Operation(
            id="prediction_cases",
            summary="Past cases like it, with what happened",
            tag=TAG,
            description="Nearest first, by the effects that the version which made this prediction gives.",
            answer=CASES,
            queries=(query("k", HOW_MANY, "How many."),),
            errors=(404,),
        )
    }

    def cost(self, request: Request) -> tuple[Budget, int]:
        return Budget.PREDICTIONS, questions.CASES_COST

    def get(self, request: Request, prediction: UUID) -> Response:
        count = _count(request)
        return Response(questions.cases(selectors.prediction(prediction), count))


class WhatIfView(Endpoint):
    """What the same version says with other values."""

    acts = {"post": Act.PREDICT}
    operations = {
        "post": Operation(
            id="prediction_what_if",
            summary="What if",
            tag=TAG,
            description=(
                "With `changes`: the answer to them. Without: the best single changes, and the best pair, of the "
                "fields that the company marks as changeable. Nothing of it is kept. 409: no field is marked, personal "
                "inputs were not kept, or the version is gone."
            ),
            body=WHAT_IF_BODY,
            body_examples={"one": {"changes": {"support_tickets": 0}}, "best": {}},
            answer=WHAT_IF,
            errors=(404, 409),
        )
    }

    def cost(self, request: Request) -> tuple[Budget, int]:
        named = isinstance(request.data, dict) and "changes" in request.data
        return Budget.PREDICTIONS, questions.ONE_COST if named else questions.SEARCH_COST

    def post(self, request: Request, prediction: UUID) -> Response:
        changes = _asked(request)
        return Response(questions.what_if(selectors.prediction(prediction), changes))


__all__ = ["CasesView", "ChangeView", "WhatIfView"]
