"""What every view of the API shares: it says its operations, takes no parameter that it does not know, keeps to the
limits, and does once what is asked twice under one Idempotency-Key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api_gateway import idempotency
from api_gateway.limits import gate
from api_gateway.limits.leases import Claim, Standing
from api_gateway.limits.windows import Budget
from api_gateway.operations import Operation
from platform_core.errors import InputInvalid
from platform_core.tenancy import company_or_none
from users.keys import KeyHolder
from users.roles import Act

Handler = Callable[..., HttpResponseBase]


class Endpoint(APIView):
    """A view whose operations are in the OpenAPI document."""

    operations: ClassVar[dict[str, Operation]] = {}
    acts: ClassVar[dict[str, Act]] = {}
    """What each method is, in the table of `users.roles`; a method without one is closed."""
    signs_in: ClassVar[bool] = False
    """Whether this tries passwords or sends mail: then fewer requests from one address are taken."""
    limited: ClassVar[bool] = True
    """False for what a machine's supervisor asks: that must be answered while the counters cannot be."""
    shown_once: ClassVar[bool] = False
    """Whether an answer of POST holds a secret that is kept nowhere, not even to repeat it."""
    standing: Standing | None = None

    def describe(self, method: str) -> Operation:
        """The operation of a method, for the document."""
        return self.operations[method]

    def queries(self, method: str) -> frozenset[str]:
        """The parameters that a method's query string may have."""
        operation = self.operations.get(method)
        return frozenset(one["name"] for one in operation.queries) if operation else frozenset()

    def cost(self, request: Request) -> tuple[Budget, int]:
        """What a request draws on, and how much of it."""
        return Budget.REQUESTS, 1

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """As DRF does it, with the limits between the checks and the handler."""
        self.args, self.kwargs = args, kwargs
        asked = self.request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            if self.limited:
                self.charge(gate.of_address(request, sign_in=self.signs_in), 1)
            self.initial(asked, *args, **kwargs)
            response: Any = self.answer(asked)
        except Exception as problem:
            response = self.handle_exception(problem)
        self.response = self.finalize_response(asked, response, *args, **kwargs)
        if self.standing is not None:
            for name, value in gate.headers(self.standing).items():
                self.response.headers[name] = value
        return self.response

    def answer(self, asked: Request) -> HttpResponseBase:
        """What the method's handler answers, once the limits allow it."""
        method = (asked.method or "").lower()
        handler: Handler | None = getattr(self, method, None) if method in self.http_method_names else None
        if handler is None:
            return self.http_method_not_allowed(asked)
        user: Any = asked.user
        if user is None:
            return handler(asked, *self.args, **self.kwargs)
        known = method == "post" and AllowAny not in self.permission_classes
        question = idempotency.question(asked) if known else None
        if question is None:
            self._charge_asker(asked, *self.cost(asked))
            return handler(asked, *self.args, **self.kwargs)
        return self._once(asked, question, handler)

    def _once(self, asked: Request, question: idempotency.Question, handler: Handler) -> HttpResponseBase:
        """The limits are charged before the transaction: what it rolls back is still counted, and none waits for it."""
        earlier = idempotency.stored(question)
        if earlier is not None:
            self._charge_asker(asked, Budget.REQUESTS, 1)
            return earlier
        claims = self._charge_asker(asked, *(drawn := self.cost(asked)))
        answer, done = idempotency.once(question, lambda: self._finished(asked, handler), secret=self.shown_once)
        if not done:
            gate.give_back(claims, drawn[1])
        return answer

    def _finished(self, asked: Request, handler: Handler) -> HttpResponseBase:
        """The rendered answer; what a refused request did on its way is undone."""
        try:
            with transaction.atomic():
                answer: Any = handler(asked, *self.args, **self.kwargs)
        except Exception as problem:
            answer = self.handle_exception(problem)
        finished: HttpResponseBase = self.finalize_response(asked, answer, *self.args, **self.kwargs)
        return finished.render() if isinstance(finished, Response) else finished

    def charge(self, claims: list[Claim], cost: int) -> None:
        """Takes the cost from every limit of the claims. Raises Throttled."""
        standing = gate.charge(claims, cost)
        if standing is not None:
            self.standing = gate.tightest(self.standing, standing)
            if standing.refused:
                raise gate.throttled(standing, cost)

    def _charge_asker(self, asked: Request, budget: Budget, cost: int) -> list[Claim]:
        claims = self._claims(asked, budget)
        self.charge(claims, cost)
        return claims

    def _claims(self, asked: Request, budget: Budget) -> list[Claim]:
        user: Any = asked.user
        if isinstance(user, KeyHolder):
            return gate.of_asker(key_id=user.key_id, user_id=None, company_id=user.company_id, budget=budget)
        return gate.of_asker(key_id=None, user_id=user.pk, company_id=company_or_none(), budget=budget)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.META.get("QUERY_STRING"):
            self._check_query(request)

    def _check_query(self, request: Request) -> None:
        """A misspelt parameter would silently do nothing, and of two values one: both are refused."""
        method = (request.method or "").lower().replace("head", "get")
        if not hasattr(self, method):
            return  # 405 is the next answer
        known = self.queries(method)
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
