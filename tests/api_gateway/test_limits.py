"""Limits over HTTP: what is counted, what the headers say, what a refusal says."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from api_gateway.limits import gate
from tests.api_gateway.asking import CHURN, GOOD, refused
from tests.conftest import ApiClient

NOON = 1_800_014_400.0
"""A full minute and hour, 2027-01-15 12:00 UTC."""
pytestmark = pytest.mark.usefixtures("churn_serves", "clock")


class Clock:
    """A clock that tests move."""

    now = NOON + 10

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Ten seconds past a full minute."""
    made = Clock()
    monkeypatch.setattr(gate, "clock", made)
    return made


def told(answer: Any) -> tuple[int, int, int]:
    """Limit, remaining and reset of an answer."""
    names = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    limit, remaining, reset = (int(answer[name]) for name in names)
    return limit, remaining, reset


def test_a_key_is_told_what_remains_and_then_when_to_come_again(
    alice_api: ApiClient, clock: Clock, settings: Any
) -> None:
    settings.LIMITS = {"LIMIT_KEY_MINUTE": 3}
    assert [told(alice_api.post_json(CHURN, GOOD)) for _ in range(3)] == [(3, 2, 50), (3, 1, 50), (3, 0, 50)]
    answer = alice_api.post_json(CHURN, GOOD)
    problem = refused(answer, 429, "throttled")[0]
    assert "3 predictions a minute for a key" in problem["detail"]
    assert answer["Retry-After"] == "50"
    assert told(answer) == (3, 0, 50)
    clock.now += 50
    assert told(alice_api.post_json(CHURN, GOOD)) == (3, 2, 60)


def test_one_company_does_not_use_up_the_others(alice_api: ApiClient, bob_api: ApiClient, settings: Any) -> None:
    settings.LIMITS = {"LIMIT_KEY_MINUTE": 1, "LIMIT_COMPANY_MINUTE": 1}
    assert alice_api.post_json(CHURN, GOOD).status_code == 200
    assert bob_api.post_json(CHURN, GOOD).status_code == 200
    refused(alice_api.post_json(CHURN, GOOD), 429)


def test_a_batch_costs_its_records(alice_api: ApiClient, settings: Any) -> None:
    settings.LIMITS = {"LIMIT_KEY_MINUTE": 10}
    assert told(alice_api.post_json(CHURN, {"records": [GOOD] * 7})) == (10, 3, 50)
    problem = refused(alice_api.post_json(CHURN, {"records": [GOOD] * 4}), 429)[0]
    assert "costs 4 and 3 remain" in problem["detail"]
    assert told(alice_api.post_json(CHURN, {"records": [GOOD] * 3})) == (10, 0, 50)


def test_sign_ins_of_one_address_are_few(settings: Any) -> None:
    settings.LIMITS = {"LIMIT_SIGN_IN_MINUTE": 2, "LIMIT_ADDRESS_MINUTE": 100}
    asked = {"email": "ann@example.com", "password": "wrong"}
    ask = lambda: Client().post("/api/auth/token/", asked, content_type="application/json")  # noqa: E731
    assert [ask().status_code for _ in range(3)] == [401, 401, 429]


def test_a_supervisors_questions_are_not_counted(settings: Any) -> None:
    settings.LIMITS = {"LIMIT_ADDRESS_MINUTE": 1}
    assert [Client().get("/healthz/").status_code for _ in range(3)] == [200, 200, 200]
    assert "RateLimit-Limit" not in Client().get("/healthz/")


def test_wrong_keys_of_one_address_are_few(settings: Any) -> None:
    settings.LIMITS = {"LIMIT_ADDRESS_MINUTE": 2}
    answers = [Client().get("/api/models/", headers={"X-API-Key": f"pk_{number}"}) for number in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert answers[2]["Retry-After"]
