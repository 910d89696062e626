"""Models: what serves, its schema and card, training, promotion, rollback."""

from __future__ import annotations

from typing import Any

from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api_gateway.training_form import training_request
from file_uploads import training
from ml_services import selectors, services
from ml_services.models import ModelVersion, TrainingRun
from platform_core.tenancy import current_company
from users.models import Scope


def version_line(row: ModelVersion) -> dict[str, Any]:
    """A version in a list."""
    return {
        "predictor": row.predictor,
        "version": row.version,
        "evidence": row.evidence,
        "serving": row.serving,
        "shared": row.company_id is None,
        "created_at": row.created_at,
        "promoted_at": row.promoted_at,
        "headline": selectors.headline(row.card),
    }


def run_line(row: TrainingRun) -> dict[str, Any]:
    """A training run; once it is done, with the version's candidates and columns."""
    card = row.version.card if row.version else {}
    return {
        "id": row.pk,
        "predictor": row.predictor,
        "status": row.state,
        "stage": row.stage,
        "progress": row.progress,
        "version": row.version.version if row.version else None,
        "candidates": card.get("candidates", []),
        "columns": card.get("columns", []),
        "error": row.error or None,
        "created_at": row.created_at,
        "ended_at": row.ended_at,
    }


class ModelsView(APIView):
    """Every predictor and what serves it."""

    scope = Scope.MODELS

    def get(self, request: Request) -> Response:
        return Response({"results": selectors.overview()})


class SchemaView(APIView):
    """JSON Schema of one input record."""

    scope = Scope.PREDICT

    def get(self, request: Request, predictor: str) -> Response:
        return Response(selectors.input_schema(predictor))


class VersionsView(APIView):
    """All versions of one predictor."""

    scope = Scope.MODELS

    def get(self, request: Request, predictor: str) -> Response:
        return Response({"results": [version_line(row) for row in selectors.versions(predictor)]})


class VersionView(APIView):
    """One version with its model card."""

    scope = Scope.MODELS

    def get(self, request: Request, predictor: str, version: str) -> Response:
        row = selectors.version(predictor, version)
        return Response({**version_line(row), "card": row.card})


class TrainView(APIView):
    """Learn from a file; answers at once with the run to watch."""

    scope = Scope.MODELS
    parser_classes = (MultiPartParser,)

    def post(self, request: Request, predictor: str) -> Response:
        asked = training_request(request, predictor)
        run = training.start(company_id=current_company(), **asked)
        return Response(run_line(run), status=status.HTTP_202_ACCEPTED)


class RunView(APIView):
    """One training run."""

    scope = Scope.MODELS

    def get(self, request: Request, predictor: str, run: int) -> Response:
        return Response(run_line(selectors.run(predictor, run)))


class PromoteView(APIView):
    """Let one of the company's versions serve."""

    scope = Scope.MODELS

    def post(self, request: Request, predictor: str, version: str) -> Response:
        row = selectors.version(predictor, version)
        return Response(version_line(services.promote(version=services.own(row, current_company()))))


class RollbackView(APIView):
    """Let the version that served before serve again."""

    scope = Scope.MODELS

    def post(self, request: Request, predictor: str) -> Response:
        return Response(version_line(services.roll_back(predictor=predictor, company_id=current_company())))
