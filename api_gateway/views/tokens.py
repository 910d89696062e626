"""Sign-in for people's programs: token pairs by e-mail and password (simplejwt)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from rest_framework import serializers
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError
from rest_framework_simplejwt.serializers import (
    TokenObtainPairSerializer,
    TokenRefreshSerializer,
    TokenVerifySerializer,
)
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken
from rest_framework_simplejwt.views import (
    TokenBlacklistView,
    TokenObtainPairView,
    TokenRefreshView,
    TokenVerifyView,
)

from api_gateway.endpoint import Endpoint
from api_gateway.operations import Operation, Schema
from api_gateway.schemas import record, ref, text
from users import lockout

TAG = "Sign-in"
EXAMPLES = {
    "email": ["ann@example.com"],
    "password": ["correct horse battery staple"],
    "refresh": ["eyJhbGciOiJIUzI1NiIs…"],
    "token": ["eyJhbGciOiJIUzI1NiIs…"],
}
SOME_TEXT = r"^[^\x00]*[^\s\x00][^\x00]*$"


def _operation(name: str, summary: str, fields: list[str], answer: Schema) -> Operation:
    body = record({field: text(pattern=SOME_TEXT, examples=EXAMPLES[field]) for field in fields})
    return Operation(id=name, summary=summary, tag=TAG, body=body, answer=answer, errors=(401, 429), public=True)


class CarefulObtainSerializer(TokenObtainPairSerializer):
    """A password may begin or end with a space: it is taken as it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = serializers.CharField(write_only=True, trim_whitespace=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        request = self.context["request"]._request
        person = lockout.recognise(request=request, email=attrs["email"], password=attrs["password"])
        lockout.entered(request=request, person=person)
        refresh = RefreshToken.for_user(person)
        return {"refresh": str(refresh), "access": str(refresh.access_token)}


class CarefulRefreshSerializer(TokenRefreshSerializer):
    """simplejwt 5.5 answers 500 for a token of a deleted person, and lets a token that comes twice at once work
    twice. This says that the token is invalid, and looks whether it is spent with its row locked."""

    @transaction.atomic
    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        jti = self.token_class(attrs["refresh"]).payload[api_settings.JTI_CLAIM]
        OutstandingToken.objects.select_for_update().filter(jti=jti).first()
        try:
            return super().validate(attrs)
        except get_user_model().DoesNotExist:
            raise InvalidToken from None


class CarefulVerifySerializer(TokenVerifySerializer):
    """A spent token is as invalid as an expired one: 401, not 400."""

    def validate(self, attrs: dict[str, None]) -> dict[Any, Any]:
        try:
            return super().validate(attrs)
        except serializers.ValidationError:
            raise TokenError("Token is blacklisted") from None


class TokenView(Endpoint, TokenObtainPairView):
    """E-mail and password for a token pair."""

    operations = {"post": _operation("token", "Sign in", ["email", "password"], ref("TokenPair"))}
    serializer_class = CarefulObtainSerializer
    signs_in = True


class RefreshView(Endpoint, TokenRefreshView):
    """A refresh token for a new pair; the old one is spent."""

    operations = {"post": _operation("token_refresh", "A new pair", ["refresh"], ref("TokenPair"))}
    serializer_class = CarefulRefreshSerializer


class VerifyView(Endpoint, TokenVerifyView):
    """200 for a good token, 401 for any other."""

    operations = {"post": _operation("token_verify", "Is this token good?", ["token"], record({}))}
    serializer_class = CarefulVerifySerializer


class LogoutView(Endpoint, TokenBlacklistView):
    """Spends a refresh token: it makes no new pair any more."""

    operations = {"post": _operation("logout", "Sign out", ["refresh"], record({}))}
