"""Who asks: by key or by token. Both put the company in force."""

from __future__ import annotations

from typing import Any, cast

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.tokens import Token

from platform_core.tenancy import installation_wide, set_company
from users import asking, keys
from users.models import Membership, User

COMPANY_CLAIM = "company"
"""The claim of a token that says for which company it speaks."""


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
    """`Authorization: Bearer <token>`. The token's claim `company` is in force (without one, the person's first), and
    the membership is looked up each time: a person removed, or given another role, feels it at once."""

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
        membership = membership_of(found[0].pk, found[1].get(COMPANY_CLAIM))
        if membership is None:
            raise AuthenticationFailed("This person does not belong to the token's company.", code="no_company")
        cast(User, found[0]).role = membership.role
        set_company(membership.company_id)
        asking.now_asking.set(asking.of(found[0], membership.company_id))
        return found


def membership_of(user_id: int, company_id: Any = None) -> Membership | None:
    """A person's place in a company, or in their first one where none is named."""
    with installation_wide():  # of which companies somebody is a member, no single company can say
        rows = Membership.objects.filter(user_id=user_id).order_by("pk")
        if company_id is not None:
            rows = rows.filter(company_id=company_id) if isinstance(company_id, int) else rows.none()
        return rows.first()
