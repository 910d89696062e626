"""Sign-in for people's programs: token pairs by e-mail and password."""

from __future__ import annotations

from typing import Any, cast

from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway import account_schemas as schemas
from api_gateway.endpoint import Endpoint, OpenEndpoint
from api_gateway.operations import Operation, Schema
from api_gateway.schemas import record, ref
from users import account_fields as fields
from users import sessions
from users.input_fields import read
from users.models import User
from users.roles import Act

TAG = "Sign-in"


def operation(name: str, summary: str, body: dict[str, Schema], answer: Schema, **more: Any) -> Operation:
    """An operation of this group."""
    optional = more.pop("optional", ())
    shape = record(body, optional=optional, additionalProperties=False)
    return Operation(
        id=name, summary=summary, tag=TAG, body=shape, answer=answer, components=schemas.COMPONENTS, **more
    )


def person_of(request: Request) -> User:
    """Who is signed in, where the act of the view is one of people only."""
    return cast(User, request.user)


class SignInEndpoint(OpenEndpoint):
    """A view that tries passwords, tokens or addresses: open, and with fewer requests from one address."""

    signs_in = True

    def get_authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class TokenView(SignInEndpoint):
    """E-mail and password for a token pair."""

    operations = {
        "post": operation(
            "token",
            "Sign in",
            {"email": schemas.PASSWORD, "password": schemas.PASSWORD, "company": schemas.COMPANY},
            ref("TokenPair"),
            optional=("company",),
            description="The pair speaks for one of the person's companies: the one that is named, else the first. "
            "After 5 failures a person is locked out from that address for 15 minutes (429).",
            errors=(401, 404),
            public=True,
        )
    }

    def post(self, request: Request) -> Response:
        asked = read(request.data, fields.SIGN_IN, required=("email", "password"))
        return Response(sessions.pair(sessions.sign_in(request=request._request, **asked)))


class RefreshView(SignInEndpoint):
    """A refresh token for a new pair; the old one is spent."""

    signs_in = False
    operations = {
        "post": operation(
            "token_refresh", "A new pair", {"refresh": schemas.TOKEN}, ref("TokenPair"), errors=(401,), public=True
        )
    }

    def post(self, request: Request) -> Response:
        return Response(sessions.refreshed(read(request.data, fields.REFRESH, required=("refresh",))["refresh"]))


class VerifyView(SignInEndpoint):
    """200 for a token that would be taken now, 401 for any other."""

    signs_in = False
    operations = {
        "post": operation(
            "token_verify", "Is this token good?", {"token": schemas.TOKEN}, schemas.DONE, errors=(401,), public=True
        )
    }

    def post(self, request: Request) -> Response:
        sessions.verify(read(request.data, fields.VERIFY, required=("token",))["token"])
        return Response({})


class LogoutView(SignInEndpoint):
    """Spends a refresh token: it makes no new pair any more."""

    signs_in = False
    operations = {
        "post": operation("logout", "Sign out", {"refresh": schemas.TOKEN}, schemas.DONE, errors=(401,), public=True)
    }

    def post(self, request: Request) -> Response:
        sessions.end(read(request.data, fields.REFRESH, required=("refresh",))["refresh"])
        return Response({})


class SwitchView(Endpoint):
    """A pair for another of the person's companies."""

    shown_once = True
    acts = {"post": Act.OWN_ACCOUNT}
    operations = {
        "post": operation(
            "switch_company", "Another company", {"company": schemas.COMPANY}, ref("TokenPair"), errors=(404,)
        )
    }

    def post(self, request: Request) -> Response:
        asked = read(request.data, fields.SWITCH, required=("company",))
        return Response(sessions.switched(person=person_of(request), company=asked["company"]))
