"""Requests as they were, without what is nobody's business; and what they add up to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from request_logs import access
from request_logs.models import Request
from tests.api_gateway.asking import CHURN, GOOD, refused
from tests.conftest import ApiClient
from tests.stored import found
from users.models import Company

LOGS, USAGE = "/api/logs/", "/api/usage/"
pytestmark = pytest.mark.usefixtures("churn_serves")


@pytest.fixture(autouse=True)
def _nothing_waits() -> Iterator[None]:
    access.forget()
    yield
    access.forget()


def rows(client: ApiClient, **query: str) -> list[dict[str, Any]]:
    access.flush()
    answer = client.get(LOGS, query)
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def test_a_request_is_in_the_log_without_its_query_body_or_key(alice_api: ApiClient) -> None:
    alice_api.post(f"{CHURN}?explain=false", GOOD, content_type="application/json", headers={"X-Request-ID": "mine"})
    (row,) = rows(alice_api)
    assert (row["method"], row["path"], row["status"], row["predictor"]) == ("POST", CHURN, 200, "churn")
    assert row["request_id"] == "mine"
    assert row["bytes_in"] > 10
    assert row["bytes_out"] > 10
    assert row["latency_ms"] > 0
    assert row["asker"].startswith("key:")
    assert "explain" not in str(found(Request)[0].__dict__)


def test_refused_requests_of_the_known_are_logged_and_those_of_nobody_are_not(alice_api: ApiClient) -> None:
    alice_api.post_json(CHURN, {"tenure_months": -1})
    alice_api.get("/api/nothing/")
    Client().get("/api/models/")
    alice_api.get("/healthz/")
    assert [(row["status"], row["predictor"]) for row in rows(alice_api)] == [(400, "churn")]


def test_the_log_is_narrowed_and_paged(alice_api: ApiClient) -> None:
    for _ in range(3):
        alice_api.post_json(CHURN, GOOD)
    alice_api.get("/api/models/")
    assert len(rows(alice_api, method="POST")) == 3
    assert len(rows(alice_api, path="/api/models/")) == 1
    assert len(rows(alice_api, predictor="churn", status="200")) == 3
    assert rows(alice_api, status="500") == []
    assert rows(alice_api, to="2020-01-01") == []
    access.forget()
    first = alice_api.get(LOGS, {"page_size": 2, "path": CHURN}).json()
    second = alice_api.get(first["next"]).json()
    assert len(first["results"] + second["results"]) == 3
    assert second["next"] is None


@pytest.mark.parametrize("query", ["method=post", "status=20", "status=600", "path=", "predictor=x", "asker=1"])
def test_a_wrong_filter_is_refused(alice_api: ApiClient, query: str) -> None:
    assert refused(alice_api.get(f"{LOGS}?{query}"), 400)[0]["attr"] == query.partition("=")[0]


def test_each_company_sees_its_own(alice_api: ApiClient, bob_api: ApiClient) -> None:
    alice_api.post_json(CHURN, GOOD)
    assert rows(bob_api) == []
    assert bob_api.get(USAGE).json()["results"] == []


def test_a_key_for_predictions_sees_no_logs(alice: Company) -> None:
    client = ApiClient(alice, ["predict"])
    refused(client.get(LOGS), 403)
    refused(client.get(USAGE), 403)


def test_rows_wait_for_a_database_that_is_away(alice_api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    alice_api.post_json(CHURN, GOOD)

    def away() -> Any:
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", away)
        with pytest.raises(OperationalError):
            access.flush()
    assert len(rows(alice_api)) == 1


def test_rows_of_a_company_that_is_gone_are_dropped(alice: Company, alice_api: ApiClient, bob_api: ApiClient) -> None:
    alice_api.post_json(CHURN, GOOD)
    bob_api.post_json(CHURN, GOOD)
    (one, other) = access._waiting
    access.forget()
    access._waiting.extend([access.msgspec.structs.replace(one, company_id=987654), other])
    assert access.flush() == 2
    assert [row.company_id for row in found(Request)] == [other.company_id]


def test_usage_adds_up_by_day_asker_and_predictor(alice_api: ApiClient) -> None:
    for _ in range(2):
        alice_api.post_json(CHURN, GOOD)
    alice_api.post_json(CHURN, {"records": [GOOD] * 5})
    alice_api.post_json(CHURN, {})
    alice_api.get("/api/models/")
    access.flush()
    told = alice_api.get(USAGE).json()
    other, churn = told["results"]
    assert churn["day"] == f"{datetime.now(UTC):%Y-%m-%d}"
    assert (churn["predictor"], churn["predictions"], churn["requests"], churn["errors"]) == ("churn", 7, 4, 1)
    assert (other["predictor"], other["predictions"], other["requests"]) == (None, 0, 1)
    assert churn["asker_label"] == "test"
    assert churn["mean_ms"] > 0
    assert churn["p95_ms"] > 0
    assert alice_api.get(USAGE, {"predictor": "clv"}).json()["results"] == []
    assert len(alice_api.get(USAGE, {"asker": churn["asker"]}).json()["results"]) == 2


def test_usage_covers_three_months_at_most_and_says_which(alice_api: ApiClient) -> None:
    told = alice_api.get(USAGE, {"from": "2020-01-01", "to": "2026-04-01"}).json()
    assert told["from"] == "2025-12-30T00:00:00Z"
    assert told["to"] == "2026-04-01T00:00:00Z"
    for query in ({"to": "0001-01-01"}, {"from": "9999-12-31"}, {"from": "2026-02-01", "to": "2026-01-01"}):
        assert alice_api.get(USAGE, query).json()["results"] == []


def test_more_rows_cost_no_more_queries(alice_api: ApiClient, django_assert_num_queries: Any) -> None:
    for count in (1, 30):
        for _ in range(count):
            alice_api.post_json(CHURN, GOOD)
        access.flush()
        with django_assert_num_queries(1):
            alice_api.get(LOGS)
        with django_assert_num_queries(3):
            alice_api.get(USAGE)
