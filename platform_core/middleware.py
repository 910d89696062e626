"""What every request passes: an id, by which a person and a log line find each other."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import cast

from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.deprecation import MiddlewareMixin

from platform_core.logs import request_id

FOR_PROGRAMS = ("/api/", "/healthz/", "/readyz/")
"""Paths without a browser's session: they know who asks from a header, never from a cookie."""
PROGRAM_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""The content policy of an answer that is no page (OWASP REST Security Cheat Sheet, Security Headers)."""

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


class ForPages(MiddlewareMixin):
    """Mixed into a middleware that only a browser needs: a program's request passes it by. Together they cost more
    than the prediction."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        further = self.get_response if request.path_info.startswith(FOR_PROGRAMS) else super().__call__
        return cast(Answerer, further)(request)


class PageSessions(ForPages, SessionMiddleware):
    """Sessions, for pages."""


class PageForgery(ForPages, CsrfViewMiddleware):
    """Forms must carry their token, on pages."""


class PageSignIn(ForPages, AuthenticationMiddleware):
    """`request.user`, on pages."""


class PageMessages(ForPages, MessageMiddleware):
    """One-time messages, on pages."""


class PageFrames(ForPages, XFrameOptionsMiddleware):
    """No page within another site's frame."""


class PagePolicy(ForPages, CSPMiddleware):
    """The content policy: that of settings on pages, nothing at all elsewhere."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answered = super().__call__(request)
        if "Content-Security-Policy" not in answered.headers and request.path_info.startswith(FOR_PROGRAMS):
            answered.headers["Content-Security-Policy"] = PROGRAM_POLICY
        return answered
