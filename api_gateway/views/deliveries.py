"""What the company's addresses were told, and the secret by which they know that it was us."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway.endpoint import Endpoint
from api_gateway.operations import Operation
from api_gateway.pagination import PAGE_QUERIES, page_of, paged
from api_gateway.schemas import TIME, or_null, record, text
from connectors import deliveries
from connectors.models import Delivery, DeliveryState
from platform_core.tenancy import current_company
from users.roles import Act

TAG = "Webhooks"
LINE = record(
    {
        "id": {"type": "string", "format": "uuid"},
        "event": text("What happened.", examples=["upload.done"]),
        "url": text("Who was told."),
        "status": {"enum": list(DeliveryState.values)},
        "attempts": {"type": "integer"},
        "last_status": or_null("integer", description="What the address answered last."),
        "error": or_null("string"),
        "created_at": TIME,
        "delivered_at": {"anyOf": [TIME, {"type": "null"}]},
    }
)


def delivery_line(row: Delivery) -> dict[str, Any]:
    """A message in a list."""
    return {
        "id": row.pk,
        "event": row.event,
        "url": row.url,
        "status": row.state,
        "attempts": row.attempts,
        "last_status": row.last_status,
        "error": row.last_error or None,
        "created_at": row.created_at,
        "delivered_at": row.delivered_at,
    }


class DeliveriesView(Endpoint):
    """The messages, newest first."""

    acts = {"get": Act.SEE_DELIVERIES}
    operations = {
        "get": Operation(
            id="deliveries", summary="What was told", tag=TAG, answer=paged(LINE), queries=PAGE_QUERIES, errors=(404,)
        )
    }

    def get(self, request: Request) -> Response:
        return page_of(request, Delivery.objects.all(), delivery_line)


class ReplayView(Endpoint):
    """Tell it again."""

    acts = {"post": Act.SEE_DELIVERIES}
    operations = {
        "post": Operation(
            id="delivery_replay",
            summary="Tell it again",
            description="The same message under the same id. 409 while it is still on its way.",
            tag=TAG,
            answer=LINE,
            status=202,
            errors=(404, 409),
        )
    }

    def post(self, request: Request, delivery: UUID) -> Response:
        return Response(delivery_line(deliveries.replay(delivery_id=delivery)), status=202)


class SecretView(Endpoint):
    """What the company's addresses check signatures with."""

    acts = {"get": Act.SEE_DELIVERIES}
    operations = {
        "get": Operation(
            id="webhook_secret",
            summary="The webhooks' secret",
            description="`Webhook-Signature` is `v1=` and the hex HMAC-SHA256, with this secret, of the header "
            "`Webhook-Id`, a dot, the header `Webhook-Timestamp`, a dot, and the body.",
            tag=TAG,
            answer=record({"secret": text()}),
        )
    }

    def get(self, request: Request) -> Response:
        return Response({"secret": deliveries.secret(current_company())})


__all__ = ["DeliveriesView", "ReplayView", "SecretView"]
