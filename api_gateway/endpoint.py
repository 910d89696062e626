"""What every view of the API shares: it says its operations, and takes no parameter that it does not know."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api_gateway.operations import Operation
from platform_core.errors import InputInvalid
from users.roles import Act


class Endpoint(APIView):
    """A view whose operations are in the OpenAPI document."""

    operations: ClassVar[dict[str, Operation]] = {}
    acts: ClassVar[dict[str, Act]] = {}
    """What each method is, in the table of `users.roles`; a method without one is closed."""

    def describe(self, method: str) -> Operation:
        """The operation of a method, for the document."""
        return self.operations[method]

    def queries(self, method: str) -> frozenset[str]:
        """The parameters that a method's query string may have."""
        operation = self.operations.get(method)
        return frozenset(one["name"] for one in operation.queries) if operation else frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.META.get("QUERY_STRING"):
            self._check_query(request)

    def _check_query(self, request: Request) -> None:
        """A misspelt parameter would silently do nothing, and of two values one: both are refused."""
        known = self.queries((request.method or "").lower())
        for name, values in request.query_params.lists():
            if name not in known:
                offer = f"Known: {', '.join(sorted(known))}." if known else "This takes none."
                raise InputInvalid(f"There is no query parameter {name[:60]!r}. {offer}", attr=name[:60])
            if len(values) > 1:
                raise InputInvalid(f"The query parameter {name} is given {len(values)} times.", attr=name)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        return Response(status=204, headers={"Allow": ", ".join(self.allowed_methods)})


class OpenEndpoint(Endpoint):
    """A view that needs no sign-in."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


__all__ = ["Endpoint", "OpenEndpoint"]
