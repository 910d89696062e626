"""Telling a company's addresses that something has happened: signed, and tried again for a day.

A message is `{"id", "type", "created_at", "data"}`. Its headers: `Webhook-Id`, the same at every try;
`Webhook-Timestamp`, seconds since 1970 of this try; `Webhook-Signature: v1=HEX`, HMAC-SHA256 with the company's secret
over `<id>.<timestamp>.<body>`. The receiver compares it in constant time, and refuses an old timestamp.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from connectors import http
from connectors.models import Delivery, DeliveryState
from platform_core import jobs
from platform_core.errors import Conflict, NotFound
from users.models import Company

WAITS_S = (10, 60, 300, 1_800, 7_200, 14_400, 28_800, 33_630)
"""Before each further try: a day in all."""
SECRET_MARK = "whsec_"  # noqa: S105 - how a secret begins, so that it is recognised
GONE = 410
"""An address that answers so wants no more of it (RFC 9110, section 15.5.11)."""
TASK = "connectors.deliver"


def secret(company_id: int) -> str:
    """What a company checks our messages with. It follows from the installation's own secret: nothing is stored."""
    derived = hmac.new(settings.SECRET_KEY.encode(), f"webhooks:{company_id}".encode(), hashlib.sha256)
    return SECRET_MARK + derived.hexdigest()


def signature(key: str, delivery_id: str, timestamp: int, body: bytes) -> str:
    """The value of `Webhook-Signature`."""
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return "v1=" + hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()


@transaction.atomic
def tell(*, company_id: int, event: str, data: dict[str, Any]) -> list[Delivery]:
    """A message to each of the company's addresses, in the transaction that is open."""
    urls = Company.objects.values_list("webhook_urls", flat=True).get(pk=company_id)
    told = []
    for url in urls:
        delivery = Delivery(company_id=company_id, event=event, url=url)
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        message = {"id": str(delivery.pk), "type": event, "created_at": now, "data": data}
        delivery.body = msgspec.json.encode(message).decode()
        delivery.save(force_insert=True)
        _defer(delivery)
        told.append(delivery)
    return told


def deliver(delivery_id: UUID) -> None:
    """One try. What comes to nothing is put into the queue again, until the waits are used up."""
    delivery = Delivery.objects.filter(pk=delivery_id, state=DeliveryState.PENDING).first()
    if delivery is None:
        return
    status, error, final = _sent(delivery)
    with transaction.atomic():
        row = Delivery.objects.select_for_update().get(pk=delivery_id)
        row.attempts, row.last_status, row.last_error = row.attempts + 1, status, error
        if status is not None and 200 <= status < 300:
            row.state, row.delivered_at = DeliveryState.DELIVERED, timezone.now()
        elif final or row.attempts > len(WAITS_S):
            row.state = DeliveryState.FAILED
        else:
            _defer(row, wait_s=WAITS_S[row.attempts - 1])
        row.save()


def _sent(delivery: Delivery) -> tuple[int | None, str, bool]:
    """Status, what was wrong, and whether trying again is of no use."""
    body, now = delivery.body.encode(), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "prediction-platform",
        "Webhook-Id": str(delivery.pk),
        "Webhook-Timestamp": str(now),
        "Webhook-Signature": signature(secret(delivery.company_id), str(delivery.pk), now, body),
    }
    try:
        status = http.post(delivery.url, body, headers)
    except (http.Forbidden, http.Unreachable) as problem:
        return None, problem.detail, isinstance(problem, http.Forbidden)
    return status, "" if 200 <= status < 300 else f"It answered {status}.", status == GONE


@transaction.atomic
def replay(*, delivery_id: UUID) -> Delivery:
    """Sends a message again, the same under the same id. Raises NotFound, and Conflict while it is on its way."""
    delivery = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound("There is no such delivery.")
    if delivery.state == DeliveryState.PENDING:
        raise Conflict("This delivery is still on its way.")
    Delivery.objects.filter(pk=delivery_id).update(state=DeliveryState.PENDING, attempts=0, delivered_at=None)
    _defer(delivery)
    delivery.refresh_from_db()
    found: Delivery = delivery
    return found


def _defer(delivery: Delivery, wait_s: float = 0.0) -> None:
    jobs.defer(TASK, queue=jobs.TELLING, wait_s=wait_s, company_id=delivery.company_id, delivery_id=str(delivery.pk))


__all__ = ["WAITS_S", "deliver", "replay", "secret", "signature", "tell"]
