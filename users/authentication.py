"""Who asks: by key or by token. Both put the company in force."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.tokens import Token

from platform_core.tenancy import set_company
from users import asking, keys
from users.models import Membership


class ApiKeyAuthentication(BaseAuthentication):
    """`X-API-Key: <key>`. Asked first: where a request has both headers, its key says who asks."""

    def authenticate(self, request: Request) -> tuple[keys.KeyHolder, None] | None:
        key = request.META.get("HTTP_X_API_KEY")
        if key is None:
            return None
        holder = keys.recognise(key)
        if holder is None:
            raise AuthenticationFailed("This API key is unknown, expired or revoked.", code="invalid_key")
        set_company(holder.company_id)
        asking.now_asking.set(asking.of(holder))
        return holder, None

    def authenticate_header(self, request: Request) -> str:
        return 'X-API-Key realm="api"'


class TokenAuthentication(JWTAuthentication):
    """`Authorization: Bearer <token>`. The person's first company is in force; switching comes with members."""

    def get_raw_token(self, header: bytes) -> bytes | None:
        """The token. A header of another scheme, or a garbled one, is said to be wrong: it is not "no header"."""
        scheme, _, token = header.strip().partition(b" ")
        if scheme.lower() != b"bearer" or not token.strip() or b" " in token.strip():
            raise AuthenticationFailed("The header must read Authorization: Bearer TOKEN.", code="bad_authorization")
        return token.strip()

    def authenticate(self, request: Request) -> tuple[Any, Token] | None:
        found = super().authenticate(request)
        if found is None:
            return None
        company = (
            Membership.objects.filter(user_id=found[0].pk).order_by("pk").values_list("company_id", flat=True).first()
        )
        if company is None:
            raise AuthenticationFailed("This person belongs to no company.", code="no_company")
        set_company(company)
        asking.now_asking.set(asking.of(found[0], company))
        return found
