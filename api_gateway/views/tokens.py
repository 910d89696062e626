"""Sign-in for people's programs: token pairs by e-mail and password (simplejwt)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from rest_framework_simplejwt.exceptions import InvalidToken
from rest_framework_simplejwt.serializers import TokenRefreshSerializer
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView, TokenVerifyView


class CarefulRefreshSerializer(TokenRefreshSerializer):
    """simplejwt 5.5 answers 500 for a token of a deleted person; this says that the token is invalid."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        try:
            return super().validate(attrs)
        except get_user_model().DoesNotExist:
            raise InvalidToken({"detail": "Token is invalid.", "code": "token_not_valid"}) from None


class TokenView(TokenObtainPairView):
    """E-mail and password for a token pair."""


class RefreshView(TokenRefreshView):
    """A refresh token for a new pair; the old one is spent."""

    serializer_class = CarefulRefreshSerializer


class VerifyView(TokenVerifyView):
    """200 for a good token, 401 for any other."""
