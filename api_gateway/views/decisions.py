"""A predictor's settings, and what helps to decide by it: bands, money and capacity, who moves, the shadow."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway.decision_schemas import COMPONENTS
from api_gateway.endpoint import Endpoint
from api_gateway.lists import whole_number
from api_gateway.operations import Operation, query
from api_gateway.schemas import ref
from file_uploads import money
from ml_services.decisions import evidence, movers, predictor_settings, shadow_report
from platform_core.tenancy import current_company
from users.roles import Act

TAG = "Models"


def _operation(name: str, summary: str, **more: Any) -> Operation:
    return Operation(id=name, summary=summary, tag=TAG, components=COMPONENTS, errors=(404,), **more)


class PredictorSettingsView(Endpoint):
    """What the company says of one predictor, beyond any version."""

    acts = {"get": Act.SEE_MODELS, "patch": Act.PROMOTE}
    operations = {
        "get": _operation("predictor_settings", "A predictor's settings", answer=ref("PredictorSettings")),
        "patch": _operation(
            "predictor_settings_change",
            "Change a predictor's settings",
            description="Changed `cuts` are in force within 5 s on every process, and through every retraining.",
            body=ref("PredictorSettingsChange"),
            answer=ref("PredictorSettings"),
        ),
    }

    def get(self, request: Request, predictor: str) -> Response:
        return Response(predictor_settings.told(predictor))

    def patch(self, request: Request, predictor: str) -> Response:
        return Response(
            predictor_settings.change(company_id=current_company(), predictor=predictor, given=request.data)
        )


class BandsView(Endpoint):
    """Each band of the serving version: its range, what was said in it, and what came."""

    acts = {"get": Act.SEE_MODELS}
    operations = {"get": _operation("predictor_bands", "Bands and their rates", answer=ref("Bands"))}

    def get(self, request: Request, predictor: str) -> Response:
        return Response(evidence.table(predictor))


class CapacityView(Endpoint):
    """Whom to act on, and what that is expected to bring."""

    acts = {"post": Act.SEE_MODELS}
    operations = {
        "post": _operation(
            "predictor_capacity",
            "Money and capacity",
            description="Of an upload's rows, or of the latest prediction of each record. What is not sent is taken "
            "from the predictor's settings.",
            body=ref("CapacityQuestion"),
            answer=ref("CapacityPlan"),
        )
    }

    def post(self, request: Request, predictor: str) -> Response:
        return Response(money.plan_for(predictor, request.data))


class MoversView(Endpoint):
    """Who would move if a version served."""

    acts = {"get": Act.SEE_MODELS}
    operations = {
        "get": _operation(
            "version_movers",
            "Who moves at its promotion",
            answer=ref("Movers"),
            queries=(
                query("n", {"type": "integer", "minimum": 1, "maximum": movers.MOST_LISTED}, "How many to list."),
            ),
        )
    }

    def get(self, request: Request, predictor: str, version: str) -> Response:
        size = whole_number(request, "n", usual=movers.LISTED, most=movers.MOST_LISTED)
        return Response(movers.movers(predictor, version, n=size))


class ShadowView(Endpoint):
    """The version that answers unseen, beside the one that serves."""

    acts = {"get": Act.SEE_MODELS}
    operations = {"get": _operation("predictor_shadow", "The shadow compared", answer=ref("ShadowReport"))}

    def get(self, request: Request, predictor: str) -> Response:
        return Response(shadow_report.report(predictor))
