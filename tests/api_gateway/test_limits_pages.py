"""Pages keep to the limits too: the form of a predictor is no way round them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from api_gateway.limits import gate
from tests.api_gateway.counters import Clock, begin_anew
from users.models import Company

CHURN = "/predictors/churn/"
FORM = {"tenure_months": "3", "contract": "monthly"}


@pytest.fixture
def browser(alice: Company, churn_serves: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Client:
    """Alice, signed in, while the clock stands still."""
    begin_anew(settings.CACHE_URL)
    monkeypatch.setattr(gate, "clock", Clock())
    client = Client()
    assert client.login(username="alice@example.com", password="a-Long-pass-1")
    return client


def test_a_form_draws_predictions(browser: Client, settings: Any) -> None:
    settings.LIMITS = {"LIMIT_USER_MINUTE": 2}
    assert [browser.post(CHURN, FORM).status_code for _ in range(3)] == [200, 200, 429]
    assert browser.get(CHURN).status_code == 200, "reading goes on"


def test_the_page_says_which_limit_and_when_to_come_again(browser: Client, settings: Any) -> None:
    settings.LIMITS = {"LIMIT_REQUESTS_MINUTE": 1}
    browser.get("/")
    answer = browser.get("/")
    assert (answer.status_code, answer["Retry-After"]) == (429, "50")
    assert answer["Content-Type"].startswith("text/html")
    assert "1 request a minute for a person" in answer.content.decode()


def test_sign_ins_on_the_page_are_few(browser: Client, settings: Any) -> None:
    settings.LIMITS = {"LIMIT_SIGN_IN_MINUTE": 2}
    tries = {"username": "bob@example.com", "password": "wrong"}
    assert [Client().post("/sign-in/", tries).status_code for _ in range(3)] == [200, 200, 429]
    assert Client().get("/sign-in/").status_code == 200
