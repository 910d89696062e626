"""The page of the records."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.platform_core.records.rows import customer, payment
from tests.platform_core.records.test_services import taken
from tests.users.people import member
from users.models import Company, Role


@pytest.fixture
def browser(alice: Company) -> Client:
    client = Client()
    answer = client.post("/sign-in/", {"username": "alice@example.com", "password": "a-Long-pass-1"})
    assert answer.status_code == 302
    return client


def shown(client: Client, **query: Any) -> str:
    answer = client.get("/records/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_counts_and_the_newest_are_shown_and_one_is_found_by_address_or_id(alice: Company, browser: Client) -> None:
    assert "There are none yet" in shown(browser)
    taken(alice, "customers", customer(1, plan="Pro"), customer(2))
    taken(alice, "payments", payment("p1", 1, 3, 123456))
    text = shown(browser, kind="customers")
    assert "c1@example.com" in text
    assert "plan Pro" in text
    text = shown(browser, kind="customers", email="C1@Example.com")
    assert "c1@example.com" in text
    assert "c2@example.com" not in text
    text = shown(browser, kind="customers", external_id="c2")
    assert "c2@example.com" in text
    assert "c1@example.com" not in text
    assert "amount minor 123,456" in shown(browser, kind="payments")


def test_what_is_no_address_is_said_beside_the_field(alice: Company, browser: Client) -> None:
    assert "e-mail address" in shown(browser, email="nobody")
    assert shown(browser, cursor="x", kind="nothing")


def test_more_than_a_page_goes_on(alice: Company, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.record_views.PAGE_SIZE", 2)
    taken(alice, "customers", *(customer(number) for number in range(5)))
    assert "Older" in shown(browser, kind="customers")


def test_bob_and_a_viewer_see_nothing_of_them(alice: Company, bob: Company) -> None:
    taken(alice, "customers", customer(1))
    client = Client()
    client.post("/sign-in/", {"username": "bob@example.com", "password": "b-Long-pass-2"})
    assert "c1@example.com" not in shown(client, kind="customers")
    viewer = Client()
    viewer.force_login(member(alice, Role.VIEWER).user, backend="django.contrib.auth.backends.ModelBackend")
    assert viewer.get("/records/").status_code == 403
