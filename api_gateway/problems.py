"""Every error in one shape: {"type", "errors": [{"code", "detail", "attr"}]}."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework import exceptions
from rest_framework.response import Response

from platform_core.errors import DatabaseUnavailable, PlatformError, RecordInvalid
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
    if isinstance(problem, OperationalError):
        problem = DatabaseUnavailable()
    if isinstance(problem, PlatformError):
        return _of_platform(problem)
    if isinstance(problem, Http404):
        problem = exceptions.NotFound()
    elif isinstance(problem, PermissionDenied):
        problem = exceptions.PermissionDenied()
    if not isinstance(problem, exceptions.APIException):
        log.error("unexpected %s", type(problem).__name__, exc_info=problem)
        return Response(body(500, [one("error", "Something went wrong on our side.")]), status=500)
    validation = isinstance(problem, exceptions.ValidationError)
    errors = list(_flat(problem.detail))
    response = Response(body(problem.status_code, errors, validation=validation), status=problem.status_code)
    if getattr(problem, "auth_header", None):
        response["WWW-Authenticate"] = problem.auth_header  # type: ignore[attr-defined]
    if getattr(problem, "wait", None):
        response["Retry-After"] = str(int(problem.wait) + 1)  # type: ignore[attr-defined]
    return response


def _of_platform(problem: PlatformError) -> Response:
    if problem.status == 500:
        log.error("unexpected %s", type(problem).__name__, exc_info=problem)
        return Response(body(500, [one("error", "Something went wrong on our side.")]), status=500)
    errors = [one(problem.code, problem.detail, problem.attr)]
    response = Response(body(problem.status, errors, validation=problem.status == 400), status=problem.status)
    if problem.status == 503:
        response["Retry-After"] = str(RETRY_AFTER_S)
    return response


class ApiProblems:
    """Answers in our shape what goes wrong below /api/ outside a view: no such path, a body too large. Takes the
    company out of force when a request ends, so that none is left for the thread's next one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            response = self.get_response(request)
        finally:
            set_company(None)
        if not request.path.startswith("/api/") or response.status_code < 400:
            return response
        if response.get("Content-Type", "").startswith("application/json"):
            return response
        return self._shaped(response)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if not request.path.startswith("/api/"):
            return None
        if isinstance(problem, RequestDataTooBig):
            return _plain(413, one("too_large", "The body is larger than this installation takes."))
        log.error("unexpected %s", type(problem).__name__, exc_info=problem)
        return _plain(500, one("error", "Something went wrong on our side."))

    def _shaped(self, response: HttpResponseBase) -> HttpResponseBase:
        texts = {404: ("not_found", "There is nothing at this path."), 405: ("method_not_allowed", "Not that method.")}
        code, detail = texts.get(response.status_code, ("error", "The request could not be answered."))
        shaped = _plain(response.status_code, one(code, detail))
        for name, value in response.items():
            if name not in {"Content-Type", "Content-Length"}:
                shaped[name] = value
        return shaped


def _plain(status: int, problem: Problem) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(body(status, [problem])), status=status, content_type="application/json")


__all__ = ["ApiProblems", "answer", "body", "of_record", "one"]
