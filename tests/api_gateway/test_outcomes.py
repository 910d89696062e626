"""What really happened comes back late, twice, wrong, or against what was said before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from request_logs.models import Outcome, Prediction
from tests.api_gateway.asking import refused
from tests.api_gateway.test_ledger import predicted
from tests.conftest import ApiClient
from tests.stored import found
from users.models import Company

OUTCOMES = "/api/outcomes/"
MADE = datetime(2024, 3, 1, 12, tzinfo=UTC)
LATER = "2024-06-01T00:00:00Z"
pytestmark = pytest.mark.usefixtures("churn_serves")


@pytest.fixture
def prediction(alice: Company) -> Prediction:
    """One of churn, made long ago."""
    return predicted(alice, MADE, external_id="crm-77")


def report(client: ApiClient, **body: Any) -> Any:
    return client.post_json(OUTCOMES, {"occurred_at": LATER} | body)


def taken(response: Any) -> dict[str, Any]:
    assert response.status_code == 200, response.content
    return dict(response.json())


def test_an_outcome_may_come_years_later(alice_api: ApiClient, prediction: Prediction) -> None:
    answer = taken(report(alice_api, prediction_id=str(prediction.pk), outcome=True))
    assert (answer["result"], answer["outcome"]) == ("recorded", True)
    assert answer["current"]["occurred_at"] == LATER
    assert [row.value for row in found(Outcome)] == [True]


def test_the_same_again_is_stored_once_whenever_it_is_said_to_have_been(
    alice_api: ApiClient, prediction: Prediction
) -> None:
    report(alice_api, prediction_id=str(prediction.pk), outcome=True)
    for occurred_at in (LATER, "2024-07-01T00:00:00Z", "2024-05-01T00:00:00Z"):
        again = taken(report(alice_api, prediction_id=str(prediction.pk), outcome="yes", occurred_at=occurred_at))
        assert again["result"] == "duplicate"
        assert again["current"]["occurred_at"] == LATER
    assert len(found(Outcome)) == 1


def test_of_contradictory_reports_the_latest_to_occur_counts_and_all_are_kept(
    alice_api: ApiClient, prediction: Prediction
) -> None:
    mark = str(prediction.pk)
    report(alice_api, prediction_id=mark, outcome=False, occurred_at="2024-06-01T00:00:00Z")
    later = taken(report(alice_api, prediction_id=mark, outcome=True, occurred_at="2024-08-01T00:00:00Z"))
    earlier = taken(report(alice_api, prediction_id=mark, outcome=False, occurred_at="2024-07-01T00:00:00Z"))
    assert (later["result"], later["current"]["outcome"]) == ("contradictory", True)
    assert (earlier["result"], earlier["current"]["outcome"]) == ("contradictory", True)
    assert [(row.value, row.current) for row in found(Outcome)] == [(False, False), (True, True), (False, False)]


def test_of_two_at_one_moment_the_one_that_came_later_counts(alice_api: ApiClient, prediction: Prediction) -> None:
    report(alice_api, prediction_id=str(prediction.pk), outcome=False)
    second = taken(report(alice_api, prediction_id=str(prediction.pk), outcome=True))
    assert (second["result"], second["current"]["outcome"]) == ("contradictory", True)
    again = taken(report(alice_api, prediction_id=str(prediction.pk), outcome=False))
    assert (again["result"], again["current"]["outcome"]) == ("duplicate", True)


def test_an_external_id_means_the_latest_prediction_before_it_occurred(alice: Company, alice_api: ApiClient) -> None:
    first = predicted(alice, MADE, external_id="crm-77")
    second = predicted(alice, MADE + timedelta(days=30), external_id="crm-77")
    predicted(alice, MADE + timedelta(days=30), external_id="crm-77", predictor="clv")
    for occurred_at, meant in (("2024-03-15", first), ("2024-04-15", second)):
        answer = taken(
            report(alice_api, external_id="crm-77", predictor="churn", outcome=True, occurred_at=occurred_at)
        )
        assert answer["prediction_id"] == str(meant.pk)
    refused(
        report(alice_api, external_id="crm-77", predictor="churn", outcome=True, occurred_at="2024-02-01"),
        404,
        "not_found",
    )


def test_a_bare_date_is_the_whole_day_even_that_of_the_prediction(alice_api: ApiClient, prediction: Prediction) -> None:
    answer = taken(report(alice_api, prediction_id=str(prediction.pk), outcome=True, occurred_at="2024-03-01"))
    assert answer["current"]["occurred_at"].startswith("2024-03-01T23:59:59")


def test_today_and_no_time_at_all_mean_by_now(alice: Company, alice_api: ApiClient) -> None:
    for body in ({"occurred_at": f"{datetime.now(UTC):%Y-%m-%d}"}, {}):
        row = predicted(alice)
        answer = alice_api.post_json(OUTCOMES, {"prediction_id": str(row.pk), "outcome": True} | body)
        assert answer.status_code == 200, answer.content


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"occurred_at": "2024-02-29"}, "occurred_at"),
        ({"occurred_at": "2999-01-01"}, "occurred_at"),
        ({"occurred_at": "soon"}, "occurred_at"),
        ({"occurred_at": None}, "occurred_at"),
        ({"occurred_at": 5}, "occurred_at"),
        ({"outcome": None}, "outcome"),
        ({"outcome": 1}, "outcome"),
        ({"outcome": "maybe"}, "outcome"),
        ({"outcome": [True]}, "outcome"),
        ({"prediction_id": 7}, "prediction_id"),
        ({"prediction_id": "7"}, "prediction_id"),
        ({"external_id": "a"}, "prediction_id"),
        ({"note": "x"}, "note"),
    ],
    ids=str,
)
def test_a_wrong_report_is_refused_by_name(
    alice_api: ApiClient, prediction: Prediction, body: dict[str, Any], attr: str
) -> None:
    given = {"prediction_id": str(prediction.pk), "outcome": True} | body
    assert refused(report(alice_api, **given), 400)[0]["attr"] == attr
    assert found(Outcome) == []


@pytest.mark.parametrize(
    "body",
    [[], "x", {"outcomes": []}, {"outcomes": [1]}, {"outcomes": {}}, {"outcomes": [{}] * 1001}],
    ids=lambda _: "",
)
def test_a_body_of_another_form_is_refused(alice_api: ApiClient, body: Any) -> None:
    refused(alice_api.post_json(OUTCOMES, body), 400)


def test_an_unknown_prediction_is_not_found_and_neither_is_anothers(
    alice_api: ApiClient, bob_api: ApiClient, prediction: Prediction
) -> None:
    refused(report(alice_api, prediction_id=str(uuid4()), outcome=True), 404, "not_found")
    refused(report(bob_api, prediction_id=str(prediction.pk), outcome=True), 404, "not_found")
    refused(report(bob_api, external_id="crm-77", predictor="churn", outcome=True), 404, "not_found")
    assert found(Outcome) == []


def test_of_many_each_has_its_own_result_in_its_place(
    alice: Company, bob: Company, alice_api: ApiClient, prediction: Prediction
) -> None:
    own, others = str(prediction.pk), str(predicted(bob, MADE).pk)
    items = [
        {"prediction_id": own, "outcome": False, "occurred_at": LATER},
        {"prediction_id": others, "outcome": True},
        {"prediction_id": own, "outcome": "perhaps"},
        {"external_id": "crm-77", "predictor": "churn", "outcome": True, "occurred_at": "2024-09-01"},
        {"prediction_id": own, "outcome": True, "occurred_at": "2024-09-02"},
        {"outcome": True},
    ]
    results = taken(alice_api.post_json(OUTCOMES, {"outcomes": items}))["results"]
    assert [one.get("result") or one["errors"][0]["code"] for one in results] == [
        "recorded", "not_found", "invalid", "contradictory", "duplicate", "invalid",
    ]  # fmt: skip
    assert [(row.value, row.current) for row in found(Outcome)] == [(False, False), (True, True)]


def test_a_thousand_at_once_cost_as_many_queries_as_two(
    alice: Company, alice_api: ApiClient, django_assert_max_num_queries: Any
) -> None:
    for count in (2, 200):
        rows = [predicted(alice, MADE) for _ in range(count)]
        items = [{"prediction_id": str(row.pk), "outcome": True, "occurred_at": LATER} for row in rows]
        with django_assert_max_num_queries(7):
            alice_api.post_json(OUTCOMES, {"outcomes": items})
    assert len(found(Outcome)) == 202


def test_the_list_shows_reports_newest_first_with_what_they_are_about(
    alice_api: ApiClient, bob_api: ApiClient, prediction: Prediction, django_assert_num_queries: Any
) -> None:
    report(alice_api, prediction_id=str(prediction.pk), outcome=False)
    report(alice_api, prediction_id=str(prediction.pk), outcome=True, occurred_at="2024-09-01")
    with django_assert_num_queries(1):
        rows = alice_api.get(OUTCOMES).json()["results"]
    assert [(row["outcome"], row["current"]) for row in rows] == [(True, True), (False, False)]
    assert (rows[0]["predictor"], rows[0]["external_id"]) == ("churn", "crm-77")
    assert (
        len(alice_api.get(OUTCOMES, {"predictor": "churn", "prediction_id": str(prediction.pk)}).json()["results"]) == 2
    )
    assert alice_api.get(OUTCOMES, {"predictor": "clv"}).json()["results"] == []
    assert bob_api.get(OUTCOMES).json()["results"] == []


def test_a_key_without_the_scope_reports_nothing(alice: Company, prediction: Prediction) -> None:
    refused(report(ApiClient(alice, ["models"]), prediction_id=str(prediction.pk), outcome=True), 403)
