"""Models: what serves, its schema and card, training, promotion, rollback."""

from __future__ import annotations

from typing import Any

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway.endpoint import Endpoint
from api_gateway.operations import FORM, Operation
from api_gateway.pagination import PAGE_QUERIES, page_of, paged
from api_gateway.parsers import BoundedFormParser, StrictJSONParser
from api_gateway.records_training import RECORDS_TRAINING, is_json, records_training
from api_gateway.schemas import listed, ref
from api_gateway.training_form import training_request
from file_uploads import training
from ml_services import selectors
from ml_services.models import ModelVersion, TrainingRun
from platform_core.tenancy import current_company
from users.roles import Act

TAG = "Models"


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
        "comparison": row.comparison,
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
        "report": row.report or None,
        "created_at": row.created_at,
        "ended_at": row.ended_at,
    }


class ModelsView(Endpoint):
    """Every predictor and what serves it."""

    operations = {"get": Operation(id="models", summary="What serves", tag=TAG, answer=listed(ref("PredictorStatus")))}
    acts = {"get": Act.SEE_MODELS}

    def get(self, request: Request) -> Response:
        return Response({"results": selectors.overview()})


class SchemaView(Endpoint):
    """JSON Schema of one input record."""

    operations = {
        "get": Operation(
            id="model_schema", summary="JSON Schema of a record", tag=TAG, answer={"type": "object"}, errors=(404,)
        )
    }
    acts = {"get": Act.SEE_SCHEMAS}

    def get(self, request: Request, predictor: str) -> Response:
        return Response(selectors.input_schema(predictor))


class VersionsView(Endpoint):
    """All versions of one predictor."""

    operations = {
        "get": Operation(
            id="model_versions", summary="All versions", tag=TAG, answer=listed(ref("Version")), errors=(404,)
        )
    }
    acts = {"get": Act.SEE_MODELS}

    def get(self, request: Request, predictor: str) -> Response:
        return Response({"results": [version_line(row) for row in selectors.versions(predictor)]})


class VersionView(Endpoint):
    """One version with its model card."""

    operations = {
        "get": Operation(
            id="model_version", summary="One model card", tag=TAG, answer=ref("VersionWithCard"), errors=(404,)
        )
    }
    acts = {"get": Act.SEE_MODELS}

    def get(self, request: Request, predictor: str, version: str) -> Response:
        row = selectors.version(predictor, version)
        return Response({**version_line(row), "card": row.card})


class TrainView(Endpoint):
    """Learn from a file, or from the records; answers at once with the run to watch."""

    operations = {
        "post": Operation(
            id="model_train",
            summary="Train",
            tag=TAG,
            body=ref("TrainingForm"),
            body_type=FORM,
            json_body=RECORDS_TRAINING,
            answer=ref("TrainingRun"),
            status=202,
            errors=(404,),
        )
    }
    acts = {"post": Act.TRAIN}
    parser_classes = (BoundedFormParser, StrictJSONParser)

    def post(self, request: Request, predictor: str) -> Response:
        if is_json(request):
            run = training.start_from_records(company_id=current_company(), **records_training(request.data, predictor))
        else:
            run = training.start(company_id=current_company(), **training_request(request, predictor))
        return Response(run_line(run), status=status.HTTP_202_ACCEPTED)


class RunsView(Endpoint):
    """The trainings of one predictor."""

    operations = {
        "get": Operation(
            id="model_runs",
            summary="The trainings, newest first",
            tag=TAG,
            answer=paged(ref("TrainingRun")),
            queries=PAGE_QUERIES,
            errors=(404,),
        )
    }
    acts = {"get": Act.SEE_MODELS}

    def get(self, request: Request, predictor: str) -> Response:
        return page_of(request, selectors.runs(predictor), run_line)


class RunView(Endpoint):
    """One training run."""

    operations = {
        "get": Operation(id="model_run", summary="One training", tag=TAG, answer=ref("TrainingRun"), errors=(404,))
    }
    acts = {"get": Act.SEE_MODELS}

    def get(self, request: Request, predictor: str, run: int) -> Response:
        return Response(run_line(selectors.run(predictor, run)))


class CancelRunView(Endpoint):
    """Stop a training."""

    operations = {
        "post": Operation(
            id="model_run_cancel", summary="Stop a training", tag=TAG, answer=ref("TrainingRun"), errors=(404, 409)
        )
    }
    acts = {"post": Act.TRAIN}

    def post(self, request: Request, predictor: str, run: int) -> Response:
        return Response(run_line(training.cancel(predictor=predictor, run_id=run)))
