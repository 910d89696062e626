"""Whether a model still meets what it learned from."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway.drift_schemas import VERDICT
from api_gateway.endpoint import Endpoint
from api_gateway.operations import Operation, query
from api_gateway.pagination import whole
from ml_services.drift import answers
from ml_services.drift.limits import FRESH_ROWS, LEAST_ROWS, MOST_DAYS, USUAL_DAYS
from users.roles import Act


class DriftView(Endpoint):
    """One verdict on inputs, scores and outcomes."""

    operations = {
        "get": Operation(
            id="model_drift",
            summary="Drift",
            tag="Models",
            description=(
                "Holds the ledger's last predictions by the serving version against what it learned from. Without "
                f"`days`: the verdict of the night, where there is one (`stored`), else of {USUAL_DAYS} days. With "
                f"`days`: made now, of the newest {FRESH_ROWS:,} predictions at most. Below {LEAST_ROWS} predictions "
                "the verdict is `unknown`."
            ),
            answer=VERDICT,
            queries=(
                query("days", {"type": "integer", "minimum": 1, "maximum": MOST_DAYS}, "How far the window goes back."),
            ),
            errors=(404,),
        )
    }
    acts = {"get": Act.SEE_MODELS}

    def get(self, request: Request, predictor: str) -> Response:
        return Response(answers.told(predictor, whole(request, "days", 0, MOST_DAYS) or None))
