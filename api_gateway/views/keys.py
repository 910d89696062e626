"""The company's API keys."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway.company_schemas import COMPONENTS
from api_gateway.endpoint import Endpoint
from api_gateway.operations import Operation
from api_gateway.pagination import PAGE_QUERIES, page_of, paged
from api_gateway.schemas import ref
from users import key_making, keys
from users.models import ApiKey
from users.permissions import who
from users.roles import Act

TAG = "Keys"


def key_line(row: ApiKey) -> dict[str, Any]:
    """A key, without what it could be used with."""
    return {
        "id": row.pk,
        "name": row.name,
        "prefix": row.prefix,
        "scopes": row.scopes,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "revoked_at": row.revoked_at,
        "last_used_at": row.last_used_at,
        "created_by": _maker(row),
    }


def _maker(row: ApiKey) -> dict[str, Any] | None:
    if row.created_by is not None:
        return {"kind": "person", "id": row.created_by.pk, "label": row.created_by.email}
    if row.created_by_key is not None:
        return {"kind": "key", "id": row.created_by_key.pk, "label": row.created_by_key.name}
    return None


def _operation(name: str, summary: str, **more: Any) -> Operation:
    return Operation(id=name, summary=summary, tag=TAG, components=COMPONENTS, **more)


class KeysView(Endpoint):
    """The keys; making one."""

    shown_once = True
    acts = {"get": Act.MANAGE_KEYS, "post": Act.MANAGE_KEYS}
    operations = {
        "get": _operation("keys", "The keys", answer=paged(ref("Key")), queries=PAGE_QUERIES, errors=(404,)),
        "post": _operation(
            "key_create",
            "Make a key",
            description="Its secret is in this answer and nowhere else. Nobody gives a key more than they may "
            "themselves, and a key makes none that outlives it.",
            body=ref("NewKey"),
            body_examples={"predicting": {"name": "shop", "scopes": ["predict"], "expires_at": None}},
            answer=ref("KeyWithSecret"),
            status=201,
        ),
    }

    def get(self, request: Request) -> Response:
        return page_of(request, keys.keys_of_company(), key_line)

    def post(self, request: Request) -> Response:
        row, secret = key_making.make(given=request.data, by=who(request))
        return Response({**key_line(row), "key": secret}, status=201)


class KeyView(Endpoint):
    """One key."""

    acts = {"delete": Act.MANAGE_KEYS}
    operations = {
        "delete": _operation(
            "key_revoke",
            "Revoke it",
            description="It works nowhere any more within 5 seconds, and stays in the list. Again: no change.",
            answer=None,
            status=204,
            errors=(404,),
        )
    }

    def delete(self, request: Request, key: int) -> Response:
        key_making.revoke(key_id=key)
        return Response(status=204)
