"""Every error in one shape: {"type", "errors": [{"code", "detail", "attr"}]}."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from rest_framework import exceptions
from rest_framework.response import Response

from api_gateway.parsers import TooLarge
from platform_core.errors import DatabaseUnavailable, PlatformError, RecordInvalid
from platform_core.storage_trouble import told
from platform_core.tenancy import set_company

RETRY_AFTER_S = 5
log = logging.getLogger(__name__)
Problem = dict[str, str | None]


def body(status: int, errors: list[Problem], *, validation: bool = False) -> dict[str, Any]:
    """The error document of a status."""
    kind = "validation_error" if validation else "server_error" if status >= 500 else "client_error"
    return {"type": kind, "errors": errors}


def one(code: str, detail: str, attr: str | None = None) -> Problem:
    """One error."""
    return {"code": code, "detail": detail, "attr": attr}


def of_record(problem: RecordInvalid) -> list[Problem]:
    """The errors of one record, a field each."""
    return [one(found.code, found.detail, found.field) for found in problem.problems]


UNKNOWN = one("error", "Something went wrong on our side.")
OUTSIDE = {
    400: ("invalid", "The request is malformed, or its Host is not one of this installation's."),
    403: ("permission_denied", "Not allowed."),
    404: ("not_found", "There is nothing at this path."),
    405: ("method_not_allowed", "Not that method."),
    413: ("too_large", "The body is larger than this installation takes."),
}
"""Status: code and text of what Django itself answers."""


def _flat(detail: Any, attr: str | None = None) -> Iterator[Problem]:
    if isinstance(detail, dict):
        for key, value in detail.items():
            name = None if key == "non_field_errors" else str(key)
            yield from _flat(value, ".".join(part for part in (attr, name) if part) or None)
    elif isinstance(detail, list):
        for value in detail:
            yield from _flat(value, attr)
    else:
        yield one(str(getattr(detail, "code", "invalid")), str(detail), attr)


def answer(problem: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler: whatever a view raises becomes an answer; what we do not know becomes a plain 500."""
    if isinstance(problem, RecordInvalid):
        return Response(body(400, of_record(problem), validation=True), status=400)
    if isinstance(problem, OperationalError | InterfaceError):
        problem = DatabaseUnavailable()
    elif isinstance(problem, OSError):
        problem = told(problem) or problem
    if isinstance(problem, PlatformError) and problem.status != 500:
        return _of_platform(problem)
    known = _as_api(problem, context)
    if known is None:
        log.error("unexpected %s", type(problem).__name__, exc_info=problem)
        return Response(body(500, [UNKNOWN]), status=500)
    validation = isinstance(known, exceptions.ValidationError | exceptions.ParseError)
    response = Response(body(known.status_code, _errors(known), validation=validation), status=known.status_code)
    if getattr(known, "auth_header", None):
        response["WWW-Authenticate"] = known.auth_header  # type: ignore[attr-defined]
    if getattr(known, "wait", None):
        response["Retry-After"] = str(int(known.wait) + 1)  # type: ignore[attr-defined]
    return response


def _as_api(problem: Exception, context: dict[str, Any]) -> exceptions.APIException | None:
    """The same problem in DRF's family, or None for one that nobody foresaw."""
    if isinstance(problem, exceptions.UnsupportedMediaType) and "media type" in str(problem.detail):
        parsers = getattr(context.get("view"), "parser_classes", ())
        return exceptions.UnsupportedMediaType(
            "", f"Send Content-Type: {' or '.join(one.media_type for one in parsers)}."
        )
    if isinstance(problem, exceptions.APIException):
        return problem
    if isinstance(problem, Http404):
        return exceptions.NotFound()
    if isinstance(problem, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(problem, RequestDataTooBig):
        return TooLarge("The fields of the form are larger than this installation takes.")
    if isinstance(problem, SuspiciousOperation | BadRequest):
        return exceptions.ParseError("The request is malformed.")
    if isinstance(problem, UnreadablePostError):  # whoever sent it has gone, or takes too long
        return exceptions.ParseError("The body breaks off before its announced end. Send it again.")
    return None


def _errors(problem: exceptions.APIException) -> list[Problem]:
    detail = problem.detail
    if isinstance(problem, exceptions.AuthenticationFailed) and isinstance(detail, dict):
        # simplejwt's own form: {"detail", "code", "messages"}.
        return [one(str(detail.get("code", problem.default_code)), str(detail.get("detail", problem.default_detail)))]
    return list(_flat(detail))


def _of_platform(problem: PlatformError) -> Response:
    errors = [one(problem.code, problem.detail, problem.attr)]
    response = Response(body(problem.status, errors, validation=problem.status == 400), status=problem.status)
    wait = problem.retry_after_s or (RETRY_AFTER_S if problem.status == 503 else None)
    if wait:
        response["Retry-After"] = str(wait)
    if problem.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="api"'
    return response


class ApiProblems:
    """Answers in our shape what goes wrong below /api/ outside a view: no such path, a body too large, a wrong host.
    Takes the company out of force when a request ends, so that none is left for the thread's next one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            response = self.get_response(request)
        finally:
            set_company(None)
        if response.status_code < 400 or not request.path_info.startswith("/api/"):
            return response
        if response.get("Content-Type", "").startswith("application/json"):
            return response
        return self._shaped(request, response)

    def _shaped(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        code, detail = OUTSIDE.get(response.status_code, ("error", "The request could not be answered."))
        if response.status_code == 404 and not request.path_info.endswith("/"):
            detail = "There is nothing at this path. Paths end in a slash."
        if response.status_code >= 500:
            code, detail = str(UNKNOWN["code"]), str(UNKNOWN["detail"])
        content = msgspec.json.encode(body(response.status_code, [one(code, detail)]))
        shaped = HttpResponse(content, status=response.status_code, content_type="application/json")
        for name, value in response.items():
            if name not in {"Content-Type", "Content-Length"}:
                shaped[name] = value
        return shaped


__all__ = ["ApiProblems", "answer", "body", "of_record", "one"]
