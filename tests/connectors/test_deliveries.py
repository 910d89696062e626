"""A company is told: signed, in the same transaction, for a day, and never into a private network."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from connectors import deliveries, http, tasks
from connectors.models import Delivery, DeliveryState
from platform_core import jobs
from platform_core.errors import Conflict, NotFound
from platform_core.tenancy import company_in_force
from tests.connectors.receiver import receiving
from tests.stored import found
from users.models import Company

Queue = list[tuple[dict[str, Any], float]]


@pytest.fixture(autouse=True)
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    """What was put into the queue: arguments, and seconds to wait."""
    waiting: Queue = []

    def defer(task: str, *, queue: str, wait_s: float = 0.0, **arguments: Any) -> None:
        waiting.append((arguments, wait_s))

    monkeypatch.setattr(jobs, "defer", defer)
    return waiting


@pytest.fixture
def reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine counts as the public internet."""
    monkeypatch.setattr(http, "is_public", lambda address: True)


@pytest.fixture(autouse=True)
def _for_alice(alice: Company) -> Iterator[None]:
    with company_in_force(alice.pk):
        yield


def told(company: Company, url: str) -> Delivery:
    company.webhook_urls = [url]
    company.save()
    return deliveries.tell(company_id=company.pk, event="upload.done", data={"rows": 3})[0]


def try_once(queue: Queue) -> float:
    arguments, wait_s = queue.pop(0)
    tasks.deliver.func(**arguments)
    return wait_s


def now(delivery: Delivery) -> Delivery:
    return found(Delivery, pk=delivery.pk)[0]


@pytest.mark.usefixtures("reachable")
def test_a_message_arrives_and_its_signature_is_right(alice: Company, queue: Queue) -> None:
    with receiving(200) as receiver:
        delivery = told(alice, receiver.url)
        try_once(queue)
    headers, body = receiver.received[0]
    assert json.loads(body)["data"] == {"rows": 3}
    assert json.loads(body)["id"] == headers["Webhook-Id"] == str(delivery.pk)
    signed = f"{headers['Webhook-Id']}.{headers['Webhook-Timestamp']}.".encode() + body
    key = deliveries.secret(alice.pk).encode()
    assert headers["Webhook-Signature"] == "v1=" + hmac.new(key, signed, hashlib.sha256).hexdigest()
    assert (now(delivery).state, now(delivery).last_status) == (DeliveryState.DELIVERED, 200)


@pytest.mark.usefixtures("reachable")
def test_it_is_tried_again_ever_later_for_a_day(alice: Company, queue: Queue) -> None:
    with receiving(500) as receiver:
        delivery = told(alice, receiver.url)
        waits = [try_once(queue) for _ in range(len(deliveries.WAITS_S) + 1)]
    assert not queue
    assert waits == [0.0, *deliveries.WAITS_S]
    assert sum(waits) == pytest.approx(24 * 3600, rel=0.01)
    assert (now(delivery).state, now(delivery).last_error) == (DeliveryState.FAILED, "It answered 500.")
    assert len({headers["Webhook-Id"] for headers, _ in receiver.received}) == 1


@pytest.mark.usefixtures("reachable")
def test_one_that_fails_at_first_arrives_in_the_end(alice: Company, queue: Queue) -> None:
    with receiving(503, 503, 204) as receiver:
        delivery = told(alice, receiver.url)
        while queue:
            try_once(queue)
    assert (now(delivery).state, now(delivery).attempts) == (DeliveryState.DELIVERED, 3)


@pytest.mark.usefixtures("reachable")
def test_a_redirect_is_not_followed(alice: Company, queue: Queue) -> None:
    with receiving(302, 200) as receiver:
        delivery = told(alice, receiver.url)
        try_once(queue)
        assert len(receiver.received) == 1
    assert now(delivery).last_error == "It answered 302."


@pytest.mark.usefixtures("reachable")
def test_an_address_that_is_gone_is_asked_no_more(alice: Company, queue: Queue) -> None:
    with receiving(410) as receiver:
        delivery = told(alice, receiver.url)
        try_once(queue)
    assert not queue
    assert now(delivery).state == DeliveryState.FAILED


def test_a_name_that_leads_into_a_private_network_is_never_sent_to(alice: Company, queue: Queue) -> None:
    with receiving(200) as receiver:
        delivery = told(alice, receiver.url)
        try_once(queue)
        assert receiver.received == []
    assert (now(delivery).state, now(delivery).attempts) == (DeliveryState.FAILED, 1)
    assert "private" in now(delivery).last_error


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1", "::1", "fe80::1",
     "fd00::1", "::ffff:10.0.0.1", "2002:a00:1::", "2001:0:a00:1::"],
)  # fmt: skip
def test_private_addresses_are_known_in_every_dress(address: str) -> None:
    assert not http.is_public(address)
    assert http.is_public("93.184.216.34")


@pytest.mark.usefixtures("reachable")
def test_nobody_there_is_tried_again(alice: Company, queue: Queue) -> None:
    delivery = told(alice, "http://127.0.0.1:9/hook")
    try_once(queue)
    assert [wait_s for _, wait_s in queue] == [deliveries.WAITS_S[0]]
    assert (now(delivery).state, now(delivery).last_status) == (DeliveryState.PENDING, None)


@pytest.mark.usefixtures("reachable")
def test_a_replay_sends_the_same_under_the_same_id(alice: Company, queue: Queue) -> None:
    with receiving(200) as receiver:
        delivery = told(alice, receiver.url)
        with pytest.raises(Conflict):
            deliveries.replay(delivery_id=delivery.pk)
        try_once(queue)
        deliveries.replay(delivery_id=delivery.pk)
        try_once(queue)
    (first, one), (second, other) = receiver.received
    assert one == other
    assert first["Webhook-Id"] == second["Webhook-Id"]


def test_a_message_of_another_company_is_not_there(alice: Company, bob: Company) -> None:
    delivery = told(alice, "https://example.com/hook")
    with company_in_force(bob.pk), pytest.raises(NotFound):
        deliveries.replay(delivery_id=delivery.pk)
    assert deliveries.secret(alice.pk) != deliveries.secret(bob.pk)


def test_what_is_taken_back_is_not_told(alice: Company) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        told(alice, "https://example.com/hook")
        raise ZeroDivisionError
    assert found(Delivery) == []
