"""Which version serves, by hand."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway.endpoint import Endpoint
from api_gateway.operations import Operation
from api_gateway.schemas import record, ref, text
from api_gateway.views.models import TAG, version_line
from ml_services import selectors, services
from ml_services.champions import by_hand
from platform_core.tenancy import current_company
from users.roles import Act

PROMOTION = record(
    {
        "reason": text("Why; for the audit.", maxLength=by_hand.LONGEST_REASON, pattern=by_hand.LINE),
        "expected": text("What should serve until then; empty for nothing. 409 where another does.", maxLength=40),
    },
    optional=("reason", "expected"),
    additionalProperties=False,
)


class PromoteView(Endpoint):
    """Let one of the company's versions serve."""

    operations = {
        "post": Operation(
            id="model_promote",
            summary="Let it serve",
            tag=TAG,
            body=PROMOTION,
            body_required=False,
            answer=ref("Version"),
            errors=(404, 409),
        )
    }
    acts = {"post": Act.PROMOTE}

    def post(self, request: Request, predictor: str, version: str) -> Response:
        row = selectors.version(predictor, version)
        own = services.own(row, current_company())
        return Response(version_line(services.promote(version=own, **by_hand.asked(request.data))))


class RollbackView(Endpoint):
    """Let the version that served before serve again."""

    operations = {
        "post": Operation(
            id="model_rollback",
            summary="Back to the one before",
            tag=TAG,
            body=PROMOTION,
            body_required=False,
            answer=ref("Version"),
            errors=(404, 409),
        )
    }
    acts = {"post": Act.PROMOTE}

    def post(self, request: Request, predictor: str) -> Response:
        asked = by_hand.asked(request.data)
        return Response(version_line(services.roll_back(predictor=predictor, company_id=current_company(), **asked)))
