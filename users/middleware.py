"""Who asks and from where, for as long as a request lasts: none is left for the thread's next one."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from platform_core.addresses import client_address
from users import asking


class Asking:
    """Notes the address that a request came from, and forgets at its end who asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        where, who = asking.asked_from.set(client_address(request)), asking.now_asking.set(None)
        try:
            return self.get_response(request)
        finally:
            asking.now_asking.reset(who)
            asking.asked_from.reset(where)


__all__ = ["Asking"]
