"""Limits over HTTP: what is counted, what the headers say, what a refusal says."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api_gateway.limits import gate
from ml_services import registry
from platform_core import env
from tests.api_gateway.asking import CHURN, GOOD, refused
from tests.api_gateway.conftest import FIELDS, let_serve
from tests.api_gateway.counters import HAS_REDIS, WHY_NO_REDIS, Clock, begin_anew, redis_server
from tests.conftest import ApiClient
from users.models import Company

DEFAULTS = {name: one.default for name, one in env.SETTINGS.items() if name.startswith("LIMIT_")}
pytestmark = pytest.mark.usefixtures("churn_serves", "clock")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Clock:
    """Ten seconds past a full minute, nothing counted yet."""
    begin_anew(settings.CACHE_URL)
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


def test_all_keys_of_a_company_share_its_limit(alice: Company, settings: Any) -> None:
    settings.LIMITS = {"LIMIT_KEY_MINUTE": 3, "LIMIT_COMPANY_MINUTE": 4}
    keys = [ApiClient(alice, ["predict"]) for _ in range(2)]
    assert [keys[number % 2].post_json(CHURN, GOOD).status_code for number in range(4)] == [200] * 4
    problem = refused(keys[0].post_json(CHURN, GOOD), 429)[0]
    assert "4 predictions a minute for a company" in problem["detail"]


def test_a_persons_tokens_share_their_limit(alice: Company, settings: Any) -> None:
    settings.LIMITS = {"LIMIT_USER_MINUTE": 1}
    signed_in = {"email": "alice@example.com", "password": "a-Long-pass-1"}
    tokens = [Client().post("/api/auth/token/", signed_in, content_type="application/json").json() for _ in range(2)]
    clients = [Client(headers={"Authorization": f"Bearer {token['access']}"}) for token in tokens]
    statuses = [client.post(CHURN, GOOD, content_type="application/json").status_code for client in clients]
    assert statuses == [200, 429]


def test_reading_does_not_eat_predictions(alice_api: ApiClient, settings: Any) -> None:
    settings.LIMITS = {"LIMIT_KEY_MINUTE": 1, "LIMIT_REQUESTS_MINUTE": 2}
    assert [alice_api.get("/api/models/").status_code for _ in range(3)] == [200, 200, 429]
    assert alice_api.post_json(CHURN, GOOD).status_code == 200


def test_a_costly_predictor_draws_more(alice_api: ApiClient, settings: Any) -> None:
    predictor = registry.predictor("sales-forecast")
    let_serve(predictor, FIELDS)
    assert predictor.cost > 1
    settings.LIMITS = {"LIMIT_KEY_MINUTE": 100}
    assert told(alice_api.post_json("/api/predict/sales-forecast/", GOOD))[1] == 100 - predictor.cost


def test_a_composite_costs_its_parts() -> None:
    assert registry.predictor("comprehensive").cost == len(registry.predictor("comprehensive").parts)


def test_the_largest_batch_is_taken_by_the_defaults_and_owed(alice_api: ApiClient, clock: Clock, settings: Any) -> None:
    settings.LIMITS = DEFAULTS
    assert told(alice_api.post_json(CHURN, {"records": [GOOD] * 1000})) == (600, 0, 50)
    problem = alice_api.post_json(CHURN, {"records": [GOOD] * 300})
    refused(problem, 429)
    assert problem["Retry-After"] == "110"
    clock.now += 50
    assert alice_api.post_json(CHURN, {"records": [GOOD] * 200}).status_code == 200
    refused(alice_api.post_json(CHURN, GOOD), 429)


def test_a_request_beyond_what_waiting_can_give_is_told_to_be_split(alice_api: ApiClient, settings: Any) -> None:
    settings.LIMITS = {"LIMIT_KEY_MINUTE": 2}
    problem = refused(alice_api.post_json(CHURN, {"records": [GOOD] * 21}), 429, "throttled")[0]
    assert "split it" in problem["detail"]
    settings.LIMITS = {"LIMIT_KEY_DAY": 20}
    assert "split it" in refused(alice_api.post_json(CHURN, {"records": [GOOD] * 21}), 429)[0]["detail"]


def test_refusals_of_other_kinds_say_the_standing_too(alice_api: ApiClient, settings: Any) -> None:
    settings.LIMITS = {"LIMIT_KEY_MINUTE": 5}
    wrong = alice_api.post_json(CHURN, {})
    refused(wrong, 400)
    assert told(wrong) == (5, 4, 50)


def test_without_limits_nothing_is_counted(alice_api: ApiClient, settings: Any) -> None:
    settings.LIMITS = dict.fromkeys(DEFAULTS, 0)
    assert "RateLimit-Limit" not in alice_api.post_json(CHURN, GOOD)


def test_most_requests_ask_the_database_nothing_for_their_limits(alice_api: ApiClient, settings: Any) -> None:
    with CaptureQueriesContext(connection) as without:
        alice_api.post_json(CHURN, GOOD)
    settings.LIMITS = DEFAULTS
    alice_api.post_json(CHURN, GOOD)
    with CaptureQueriesContext(connection) as limited:
        alice_api.post_json(CHURN, GOOD)
    assert len(limited) <= len(without)


@pytest.mark.skipif(not HAS_REDIS, reason=WHY_NO_REDIS)
def test_with_redis_the_limits_are_held_there(alice_api: ApiClient, settings: Any) -> None:
    def counted() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM api_gateway_limit")
            return int(cursor.fetchone()[0])

    settings.LIMITS, before = {"LIMIT_KEY_MINUTE": 2}, counted()
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as settings.CACHE_URL:
        statuses = []
        for _ in range(3):
            gate.forget()  # each request is another process's
            statuses.append(alice_api.post_json(CHURN, GOOD).status_code)
    assert statuses == [200, 200, 429]
    assert counted() == before
