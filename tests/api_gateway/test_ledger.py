"""The ledger over the API: what was predicted, narrowed and paged, whole, and never another company's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from request_logs.identifiers import time_of, time_ordered
from request_logs.models import Outcome, Prediction
from tests.api_gateway.asking import CHURN, GOOD, refused
from tests.conftest import ApiClient
from tests.stored import found, made
from users.models import Company

PREDICTIONS = "/api/predictions/"
pytestmark = pytest.mark.usefixtures("churn_serves")


def predicted(company: Company, at: datetime | None = None, **values: Any) -> Prediction:
    """A row as it would be kept at that moment."""
    mark = time_ordered(int(at.timestamp() * 1000) * 1_000_000 if at else None)
    usual: dict[str, Any] = {
        "asker_kind": "key", "asker_id": 1, "predictor": "churn", "version": "v1", "input": GOOD,
        "output": {"probability": 0.5, "risk": "medium"}, "latency_ms": 0.2, "created_at": time_of(mark),
    }  # fmt: skip
    row: Prediction = made(Prediction, company=company, id=mark, **usual | values)
    return row


def ids(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["prediction_id"] for row in response.json()["results"]]


def test_an_answer_can_be_looked_up_whole(alice_api: ApiClient) -> None:
    answer = alice_api.post(
        CHURN, GOOD | {"external_id": "crm-77"}, content_type="application/json", headers={"X-Request-ID": "mine"}
    ).json()
    whole = alice_api.get(f"{PREDICTIONS}{answer['prediction_id']}/").json()
    assert whole["input"] == GOOD
    assert whole["external_id"] == "crm-77"
    assert whole["version"] == answer["model"]["version"]
    assert whole["output"]["probability"] == answer["probability"]
    assert (whole["raw"], whole["reasons"]) == (answer["raw"], answer["reasons"])
    assert whole["request_id"] == "mine"
    assert whole["asker"].startswith("key:")
    assert (whole["outcome"], whole["outcomes"]) == (None, [])


def test_the_list_is_newest_first_and_goes_on_by_next(alice: Company, alice_api: ApiClient) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    rows = [predicted(alice, start + timedelta(minutes=number)) for number in range(5)]
    first = alice_api.get(PREDICTIONS, {"page_size": 2})
    second = alice_api.get(first.json()["next"])
    third = alice_api.get(second.json()["next"])
    assert ids(first) + ids(second) + ids(third) == [str(row.pk) for row in reversed(rows)]
    assert third.json()["next"] is None


def test_the_answers_of_a_batch_stay_in_its_order(alice_api: ApiClient) -> None:
    records = [GOOD | {"tenure_months": number} for number in range(20)]
    answered = alice_api.post_json(CHURN, {"records": records}).json()["results"]
    assert ids(alice_api.get(PREDICTIONS)) == [one["prediction_id"] for one in reversed(answered)]


def test_it_is_narrowed_by_what_is_asked(alice: Company, alice_api: ApiClient) -> None:
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    one = str(predicted(alice, start).pk)
    two = str(predicted(alice, start + timedelta(days=1), predictor="clv", version="v2", external_id="a").pk)
    three = str(predicted(alice, start + timedelta(days=2), asker_kind="person", asker_id=9).pk)
    for query, expected in [
        ({"predictor": "clv"}, [two]),
        ({"version": "v1"}, [three, one]),
        ({"external_id": "a"}, [two]),
        ({"asker": "person:9"}, [three]),
        ({"from": "2026-03-02"}, [three, two]),
        ({"from": "2026-03-02T12:00:00Z", "to": "2026-03-03T12:00:00Z"}, [two]),
        ({"from": "2026-03-02", "predictor": "churn"}, [three]),
    ]:
        assert ids(alice_api.get(PREDICTIONS, query)) == expected, query


WRONG = (
    "predictor=nothing", "asker=key", "asker=robot:1", "asker=key:0", "asker=key:9999999999999999999", "from=yesterday",
    "cursor=5", "cursor={01937f4e-6f3a-7c51-9a52-0d5f3b1c2a77}", "page_size=0", "page_size=501", "version=",
    "external_id=a%00", "page=2",
)  # fmt: skip


@pytest.mark.parametrize("query", WRONG)
def test_a_wrong_filter_is_refused_by_name(alice_api: ApiClient, query: str) -> None:
    assert refused(alice_api.get(f"{PREDICTIONS}?{query}"), 400)[0]["attr"] == query.partition("=")[0]


def test_the_outcome_that_counts_is_shown(alice: Company, alice_api: ApiClient) -> None:
    row = predicted(alice)
    common = {"company": alice, "prediction": row, "asker_kind": "key", "asker_id": 1, "occurred_at": row.created_at}
    made(Outcome, value=False, current=False, **common)
    made(Outcome, value=True, current=True, **common)
    listed = alice_api.get(PREDICTIONS).json()["results"][0]["outcome"]
    whole = alice_api.get(f"{PREDICTIONS}{row.pk}/").json()
    assert listed["outcome"] is True
    assert [one["outcome"] for one in whole["outcomes"]] == [True, False]


def test_another_companys_prediction_is_not_there(alice: Company, bob_api: ApiClient) -> None:
    row = predicted(alice, external_id="a")
    refused(bob_api.get(f"{PREDICTIONS}{row.pk}/"), 404, "not_found")
    refused(bob_api.post_json(f"{PREDICTIONS}{row.pk}/replay/", {}), 404, "not_found")
    assert ids(bob_api.get(PREDICTIONS)) == ids(bob_api.get(PREDICTIONS, {"external_id": "a"})) == []


def test_an_id_that_is_none_is_not_there(alice_api: ApiClient) -> None:
    refused(alice_api.get(f"{PREDICTIONS}{uuid4()}/"), 404, "not_found")
    refused(alice_api.get(f"{PREDICTIONS}5/"), 404, "not_found")


def test_a_key_that_may_not_predict_sees_nothing(alice: Company) -> None:
    refused(ApiClient(alice, ["models"]).get(PREDICTIONS), 403)


def test_a_hundred_rows_cost_as_many_queries_as_one(
    alice: Company, alice_api: ApiClient, django_assert_num_queries: Any
) -> None:
    predicted(alice)
    alice_api.get(PREDICTIONS)
    for count in (1, 100):
        for _ in range(count - 1):
            predicted(alice)
        with django_assert_num_queries(2):
            assert len(ids(alice_api.get(PREDICTIONS, {"page_size": 200}))) == count


def test_one_prediction_costs_two_queries(alice: Company, alice_api: ApiClient, django_assert_num_queries: Any) -> None:
    row = predicted(alice)
    alice_api.get(PREDICTIONS)
    with django_assert_num_queries(2):
        alice_api.get(f"{PREDICTIONS}{row.pk}/")


def test_without_a_database_for_the_ledger_no_answer_is_given(
    alice_api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from platform_core.errors import DatabaseUnavailable
    from request_logs import ledger

    def away(entries: Any) -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(ledger, "keep", away)
    answer = alice_api.post_json(CHURN, GOOD)
    refused(answer, 503, "database_unavailable")
    assert int(answer["Retry-After"]) > 0


def test_a_refused_record_leaves_no_row(alice_api: ApiClient) -> None:
    refused(alice_api.post_json(CHURN, {"tenure_months": -1}), 400)
    assert found(Prediction) == []


def test_an_outcome_cannot_be_of_another_companys_prediction(alice: Company, bob: Company) -> None:
    row = predicted(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        made(
            Outcome, company=bob, prediction=row, value=True, current=True, asker_kind="key", asker_id=1,
            occurred_at=row.created_at,
        )  # fmt: skip
        connection.check_constraints()
