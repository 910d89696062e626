"""What every request passes: an id, by which a person and a log line find each other; headers that keep browsers
careful; a count and a line in the log."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable
from typing import cast

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.deprecation import MiddlewareMixin

from platform_core import metrics
from platform_core.addresses import client_address, from_proxy
from platform_core.logs import redacted, request_id

PROBES = ("/healthz/", "/readyz/", "/metrics/")
"""Paths of the machines that watch this one: they may ask by any name of it, and over plain HTTP."""
FOR_PROGRAMS = ("/api/", *PROBES)
"""Paths without a browser's session: they know who asks from a header, never from a cookie."""
PROGRAM_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""The content policy of an answer that is no page (OWASP REST Security Cheat Sheet, Security Headers)."""

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Permitted-Cross-Domain-Policies": "none",
}
"""The headers of every answer (OWASP Secure Headers Project)."""
_EVERYWHERE = [
    (name.lower(), (name, value))
    for name, value in {**EVERYWHERE, "Content-Security-Policy": PROGRAM_POLICY, "Cache-Control": "no-store"}.items()
]
"""As Django keeps headers."""
SHOWN_PATH = 300

Answerer = Callable[[HttpRequest], HttpResponseBase]
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
access = logging.getLogger("access")


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


class CarefulHeaders:
    """Puts EVERYWHERE and a content policy on every answer, refusals included. What is not said to be kept is not
    kept: answers hold people's data. On the way in, takes a claim of HTTPS from whoever is no proxy of ours."""

    def __init__(self, get_response: Answerer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "HTTP_X_FORWARDED_PROTO" in request.META and not from_proxy(request):
            del request.META["HTTP_X_FORWARDED_PROTO"]
        response = self.get_response(request)
        # Not by setdefault: it checks and encodes each text again, which costs as much as reading the request's JSON.
        kept = response.headers._store
        for name, pair in _EVERYWHERE:
            if name not in kept:
                kept[name] = pair
        return response


class Measured:
    """Counts each answer for /metrics/ and writes its line into the log: by whom, what, how it went, how long it
    took; never a query string, a header or a body. Probes that are well are not worth a line."""

    def __init__(self, get_response: Answerer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        method, status = request.method or "", response.status_code
        route = route_of(request)
        metrics.meters().count(method, route, status, seconds)
        if access.isEnabledFor(logging.INFO) and (status >= 400 or request.path_info not in PROBES):
            fields = {
                "method": method[:16],
                "path": redacted(request.path_info[:SHOWN_PATH]),
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 2),
                "bytes": size_of(response),
                "address": client_address(request),
            }
            access.info("answered", extra={"fields": fields})
        return response


def size_of(response: HttpResponseBase) -> int | None:
    """Bytes of an answer's body; of a streamed one what it announces, where it does."""
    content = getattr(response, "content", None)
    if content is not None:
        return len(content)
    announced = response.headers.get("Content-Length", "")
    return int(announced) if announced.isdecimal() else None


def route_of(request: HttpRequest) -> str:
    """The name of the route that a request took: one of a fixed list, however many paths are tried."""
    match = request.resolver_match
    if match is not None:
        return match.view_name or "unnamed"
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"


class SlashForPages(CommonMiddleware):
    """Sends a browser that left out the last slash to the path with it. A program's POST would lose its body on the
    way (and Django raises where DEBUG is on): below /api/ only what has no body is sent on."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        """Checks the Host, except for probes: a balancer asks by address, and their answers name no host."""
        return None if request.path_info in PROBES else super().process_request(request)

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


class PagePolicy(ForPages, CSPMiddleware):
    """The content policy of pages, as the settings say."""
