"""Files in, predictions out: the job of each file, its results and its rejects."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway.endpoint import Endpoint
from api_gateway.lists import predictor_query
from api_gateway.operations import FORM, Operation, query
from api_gateway.pagination import PAGE_QUERIES, page_of, paged
from api_gateway.schemas import ref
from api_gateway.upload_form import WholeFormParser, asked_of, file_of
from api_gateway.upload_schemas import COMPONENTS, STATUSES, upload_line
from file_uploads import selectors
from file_uploads.batch import intake
from file_uploads.downloads import download
from ml_services import registry
from platform_core.errors import InputInvalid, RecordInvalid
from platform_core.tenancy import current_company
from users import audit
from users.roles import Act


def _operation(name: str, summary: str, **more: Any) -> Operation:
    return Operation(id=name, summary=summary, tag="Files", components=COMPONENTS, **more)


class UploadsView(Endpoint):
    """The jobs; sending a file."""

    acts = {"get": Act.SEE_UPLOADS, "post": Act.UPLOAD}
    parser_classes = (WholeFormParser,)
    operations = {
        "get": _operation(
            "uploads",
            "The uploads",
            answer=paged(ref("Upload")),
            queries=(*PAGE_QUERIES, query("status", {"enum": STATUSES}, "Only these."), predictor_query()),
            errors=(404,),
        ),
        "post": _operation(
            "upload",
            "Predict a file",
            description="Answers at once with the job. The same file, asked for in the same way of the same model, "
            "is answered with the job that it has, unless `again` is true. A file that is refused for its columns is "
            "kept for an hour: send its `sha256` and a better `mapping`, without the file.",
            body=ref("UploadForm"),
            body_type=FORM,
            answer=ref("Upload"),
            status=202,
            errors=(404,),
        ),
    }

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """What has come in and was not kept is removed, however the request ended."""
        handler = getattr(request._request, "incoming", None)
        if handler is not None:
            handler.drop()
        return super().finalize_response(request, response, *args, **kwargs)

    def get(self, request: Request) -> Response:
        status, predictor = request.query_params.get("status", ""), request.query_params.get("predictor", "")
        if "status" in request.query_params and status not in STATUSES:
            raise InputInvalid(f"status must be one of {', '.join(STATUSES)}.", attr="status")
        if "predictor" in request.query_params:
            registry.predictor(predictor)
        return page_of(request, selectors.uploads(status=status, predictor=predictor), upload_line)

    def post(self, request: Request) -> Response:
        asked, again = asked_of(request)
        company = current_company()
        with file_of(request.data, company) as (path, name, sha256):
            try:
                job, _ = intake.receive(
                    company_id=company, path=path, name=name, asked=asked, sha256=sha256, again=again
                )
            except RecordInvalid as problem:
                raise intake.with_hint(problem, sha256) from None
        return Response(upload_line(job), status=202)


class UploadView(Endpoint):
    """One job."""

    acts = {"get": Act.SEE_UPLOADS, "delete": Act.UPLOAD}
    operations = {
        "get": _operation("upload_one", "One upload", answer=ref("Upload"), errors=(404,)),
        "delete": _operation("upload_delete", "Remove it with its files", answer=None, status=204, errors=(404,)),
    }

    def get(self, request: Request, upload: UUID) -> Response:
        return Response(upload_line(selectors.upload(upload)))

    def delete(self, request: Request, upload: UUID) -> Response:
        intake.remove(job_id=upload)
        return Response(status=204)


class ResultsView(Endpoint):
    """The file's own columns and rows, with the prediction's."""

    acts = {"get": Act.SEE_UPLOADS}
    rejects = False
    operations = {
        "get": _operation(
            "upload_results",
            "The results",
            description="The file's rows in its order, its columns and then `prediction_…`. Takes `Range`.",
            answer={"type": "string", "contentMediaType": "text/csv"},
            answer_type="text/csv",
            errors=(404, 409),
        )
    }

    def get(self, request: Request, upload: UUID) -> HttpResponseBase:
        place, name = selectors.file_of(selectors.upload(upload), rejects=self.rejects)
        audit.record(audit.Event.EXPORTED, subject=f"upload:{upload}", detail={"rejects": self.rejects})
        return download(request, place, name)


class RejectsView(ResultsView):
    """The rows that could not be predicted: row, column, value, reason."""

    rejects = True
    operations = {
        "get": _operation(
            "upload_rejects",
            "The rejects",
            description="One line for each thing that is wrong: row, column, value, reason. Takes `Range`.",
            answer={"type": "string", "contentMediaType": "text/csv"},
            answer_type="text/csv",
            errors=(404, 409),
        )
    }


class CancelView(Endpoint):
    """Stop it."""

    acts = {"post": Act.UPLOAD}
    operations = {"post": _operation("upload_cancel", "Stop it", answer=ref("Upload"), errors=(404, 409))}

    def post(self, request: Request, upload: UUID) -> Response:
        return Response(upload_line(intake.cancel(job_id=upload)))


__all__ = ["CancelView", "RejectsView", "ResultsView", "UploadView", "UploadsView"]
