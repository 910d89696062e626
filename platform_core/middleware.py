"""What every request passes: an id, by which a person and a log line find each other."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware

from platform_core.logs import request_id

Answerer = Callable[[HttpRequest], HttpResponseBase]
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestId:
    """Gives each request an id (the caller's own `X-Request-ID` where it is a plain word) and returns it."""

    def __init__(self, get_response: Answerer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        mark = given if GIVEN_ID.fullmatch(given) else os.urandom(16).hex()
        token = request_id.set(mark)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = mark
            return response
        finally:
            request_id.reset(token)


class SlashForPages(CommonMiddleware):
    """Sends a browser that left out the last slash to the path with it. A program's POST would lose its body on the
    way (and Django raises where DEBUG is on): below /api/ only what has no body is sent on."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        if request.method not in {"GET", "HEAD"} and request.path_info.startswith("/api/"):
            return False
        return super().should_redirect_with_slash(request)
