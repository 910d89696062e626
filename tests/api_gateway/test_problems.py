"""Whatever a caller asks, the answer is the right 4xx in the one error shape, with an id to ask about."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from django.test import Client

from ml_services import answering, serving
from tests.api_gateway.asking import CHURN, GOOD, post, refused
from tests.conftest import ApiClient
from users import keys
from users.models import Company

pytestmark = pytest.mark.usefixtures("churn_serves")

WRONG = {
    "a text for a number": ({"tenure_months": "x"}, {"tenure_months"}),
    "a boolean for a number": ({"tenure_months": True}, {"tenure_months"}),
    "a list for a number": ({"tenure_months": [1]}, {"tenure_months"}),
    "out of range": ({"tenure_months": -1}, {"tenure_months"}),
    "an integer beyond a double": ({"tenure_months": 10**18}, {"tenure_months"}),
    "an unknown field": ({"nonsense": 1}, {"nonsense"}),
    "a field in another spelling": ({"Contract": "monthly"}, {"Contract"}),
    "two wrong": ({"tenure_months": "x", "contract": "weekly"}, {"tenure_months", "contract"}),
}


@pytest.mark.parametrize(("change", "named"), WRONG.values(), ids=WRONG.keys())
def test_every_wrong_field_is_named(alice_api: ApiClient, change: dict[str, Any], named: set[str]) -> None:
    errors = refused(alice_api.post_json(CHURN, {**GOOD, **change}), 400)
    assert {problem["attr"] for problem in errors} == named


@pytest.mark.parametrize("raw", [b"{}", b""])
def test_a_missing_field_is_named(alice_api: ApiClient, raw: bytes) -> None:
    errors = refused(post(alice_api, raw), 400, "required")
    assert {problem["attr"] for problem in errors} == {"tenure_months", "contract"}


@pytest.mark.parametrize("records", [[], [GOOD] * 1001, {}, None, "x", [GOOD, 3], [GOOD, None]])
def test_records_are_a_list_of_1_to_1000_objects(alice_api: ApiClient, records: Any) -> None:
    errors = refused(alice_api.post_json(CHURN, {"records": records}), 400, "invalid")
    assert str(errors[0]["attr"]).startswith("records")


def test_a_thousand_records_are_answered_in_order_and_the_bad_one_keeps_its_place(alice_api: ApiClient) -> None:
    records = [{**GOOD, "tenure_months": number % 500} for number in range(1000)]
    records[7] = {"tenure_months": "x"}
    results = alice_api.post_json(CHURN, {"records": records}).json()["results"]
    assert len(results) == 1000
    assert [problem["attr"] for problem in results[7]["errors"]] == ["tenure_months", "contract"]
    assert results[8]["probability"] == 0.5


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*;q=0.1", "nonsense", ""])
def test_the_answer_is_json_whatever_is_asked_for(alice_api: ApiClient, accept: str) -> None:
    answer = post(alice_api, msgspec.json.encode(GOOD), headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
def test_another_method_is_405_and_says_which_is_allowed(alice_api: ApiClient, method: str) -> None:
    answer = alice_api.generic(method, CHURN)
    if method != "HEAD":
        refused(answer, 405, "method_not_allowed")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST, OPTIONS"


def test_options_say_what_is_allowed(alice_api: ApiClient) -> None:
    answer = alice_api.options(CHURN)
    assert (answer.status_code, answer.content, answer["Allow"]) == (204, b"", "POST, OPTIONS")


def test_head_is_get_without_a_body(alice_api: ApiClient) -> None:
    answer = alice_api.head("/api/models/")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("given", ["maybe", "", "2", "yes", "null", "\0", "é"])
def test_explain_is_true_or_false(alice_api: ApiClient, given: str) -> None:
    answer = alice_api.post(CHURN, GOOD, content_type="application/json", query_params={"explain": given})
    assert refused(answer, 400)[0]["attr"] == "explain"


def test_an_unknown_or_repeated_query_parameter_is_refused(alice_api: ApiClient) -> None:
    for query in ("explian=false", "explain=true&explain=false", "explain=true&x=1"):
        refused(alice_api.generic("POST", f"{CHURN}?{query}", b"{}", content_type="application/json"), 400)
    refused(alice_api.get("/api/models/?page=1"), 400)


NOWHERE = [
    "/api/",
    "/api/nothing/",
    "/api/predict/nothing/",
    "/api/predict/churn",
    "/api/predict/churn/more/",
    "/api/models/nothing/schema/",
    "/api/models/churn/versions/none/",
    "/api/models/churn/versions/none/promote/",
    "/api/models/churn/runs/1/",
    "/api/models/churn/runs/99999999999999999999999/",
    "/api/models/churn/runs/x/",
    "/api/models/%00/versions/",
    "/api/models/%ff%fe/versions/",
    "/api/models/../../etc/passwd",
]


@pytest.mark.parametrize("path", NOWHERE)
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("debug", [False, True])
def test_a_path_that_leads_nowhere_is_404(
    alice_api: ApiClient, path: str, method: str, debug: bool, settings: Any
) -> None:
    settings.DEBUG = debug
    answer = alice_api.generic(method, path, b"{}", content_type="application/json")
    if answer.status_code in {301, 405}:
        assert answer.status_code == 405 or method == "GET"
        return
    refused(answer, 404, "not_found")


def test_an_unknown_host_is_400(alice_api: ApiClient, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["example.com"]
    refused(alice_api.get("/api/models/", headers={"Host": "evil.example"}), 400)


def test_nothing_to_serve_is_503_and_says_when_to_come_back(alice_api: ApiClient) -> None:
    del serving._slots[(None, "churn")]
    answer = alice_api.post_json(CHURN, GOOD)
    errors = refused(answer, 503, "no_model")
    assert "train_models churn" in str(errors[0]["detail"])
    assert int(answer["Retry-After"]) > 0


def test_an_unforeseen_error_is_500_without_its_text(
    alice_api: ApiClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("SELECT secret FROM somewhere")

    monkeypatch.setattr(answering, "answer_one", broken)
    answer = alice_api.post_json(CHURN, GOOD)
    refused(answer, 500, "error")
    assert b"secret" not in answer.content
    assert "RuntimeError" in caplog.text


def test_a_database_that_is_away_is_503(alice: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def away(mark: str) -> None:
        raise OperationalError("connection refused at 10.0.0.1")

    monkeypatch.setattr(keys, "_look_up", away)
    answer = Client(headers={"X-API-Key": "pk_any"}).get("/api/models/")
    refused(answer, 503, "database_unavailable")
    assert b"10.0.0.1" not in answer.content


def test_a_known_key_costs_no_query_beside_the_ledgers(alice_api: ApiClient, django_assert_num_queries: Any) -> None:
    alice_api.post_json(CHURN, GOOD)
    with django_assert_num_queries(1):
        assert alice_api.post_json(CHURN, GOOD).status_code == 200
