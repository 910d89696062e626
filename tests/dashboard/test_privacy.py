"""The page for a person's data: looked up, downloaded, erased; by owners and admins, never by the address bar."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from platform_core.tenancy import company_in_force
from request_logs.models import Prediction
from tests.api_gateway.conftest import let_churn_ask_email
from tests.api_gateway.persons import ANN, churn
from tests.conftest import ApiClient
from tests.stored import found
from users.models import Company, ErasureReceipt, Membership, Role

PATH = "/privacy/"


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture
def named(browser: Client, alice_api: ApiClient) -> None:
    """One prediction that names Ann."""
    let_churn_ask_email()
    churn(alice_api, email=ANN, external_id="C1")


def test_it_shows_how_much_is_held(browser: Client, named: None) -> None:
    said = text_of(browser.post(PATH, {"do": "show", "email": "ANN@example.com"}))
    assert "Predictions 1" in said
    assert "Known as C1" in said


def test_all_of_it_is_downloaded(browser: Client, named: None) -> None:
    answer = browser.post(PATH, {"do": "download", "email": ANN})
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert "no-store" in answer["Cache-Control"]
    assert json.loads(answer.content)["held"]["ledger"]["predictions_held"] == 1


def test_erasing_is_to_be_meant(browser: Client, named: None) -> None:
    said = text_of(browser.post(PATH, {"do": "erase", "email": ANN}))
    assert "Tick this to erase" in said
    assert "Predictions 1" in said
    assert found(ErasureReceipt) == []


def test_erasing_leaves_the_receipt_on_the_page(browser: Client, named: None) -> None:
    said = text_of(browser.post(PATH, {"do": "erase", "email": ANN, "sure": "on"}))
    assert str(found(ErasureReceipt)[0].pk) in said
    assert found(Prediction)[0].input == {}
    assert "Erased before" in text_of(browser.post(PATH, {"do": "show", "email": ANN}))


@pytest.mark.parametrize("do", ["show", "download", "erase"])
@pytest.mark.parametrize("email", ["", "ann", "a\0b@example.com", "<b>@example.com", "x" * 400])
def test_what_is_no_address_is_told_beside_it(browser: Client, do: str, email: str) -> None:
    answer = browser.post(PATH, {"do": do, "email": email, "sure": "on"})
    assert 'class="bad"' in answer.content.decode()
    assert found(ErasureReceipt) == []


def test_an_address_in_the_address_bar_is_not_looked_at(browser: Client, named: None) -> None:
    said = text_of(browser.get(PATH, {"email": ANN}))
    assert ANN not in said
    assert "Known as" not in said


@pytest.mark.parametrize("do", ["show", "download", "erase", "other"])
@pytest.mark.parametrize("role", [Role.ANALYST, Role.VIEWER])
def test_others_may_not(browser: Client, alice: Company, role: str, do: str) -> None:
    with company_in_force(alice.pk):
        Membership.objects.update(role=role)
    assert browser.get(PATH).status_code == 403
    assert browser.post(PATH, {"do": do, "email": ANN, "sure": "on"}).status_code == 403
    assert b'href="/privacy/"' not in browser.get("/").content


def test_bob_erases_nothing_of_alices(named: None, bob: Company) -> None:
    client = Client()
    assert client.login(username="bob@example.com", password="b-Long-pass-2")
    client.post(PATH, {"do": "erase", "email": ANN, "sure": "on"})
    assert found(Prediction)[0].external_id == "C1"


def test_a_form_of_another_site_erases_nothing(alice: Company, named: None) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.login(username="alice@example.com", password="a-Long-pass-1")
    assert client.post(PATH, {"do": "erase", "email": ANN, "sure": "on"}).status_code == 403
    assert found(ErasureReceipt) == []
