"""What happened against what was learned and said: only once the horizon is over, and only where enough is known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ml_services import drift
from ml_services.models import PredictorSetting
from platform_core.tenancy import company_in_force
from request_logs.models import Outcome
from tests.ml_services.drift.windows import NOW, RATE, fill, happened, records, scores, version
from tests.stored import changed, made
from users.models import Company


def verdict(company: Company) -> dict[str, Any]:
    with company_in_force(company.pk):
        return drift.verdict("churn", until=NOW)


def came(alice: Company, share: float, rows: int = 400, days_ago: float = 100.0) -> None:
    chances = scores(rows, 11)
    happened(alice, fill(alice, records(rows, 12), chances, days_ago=days_ago), [k < share * rows for k in range(rows)])


def test_outcomes_more_often_than_learned_and_said_are_drift(alice: Company) -> None:
    version(alice)
    came(alice, 0.5)
    told = verdict(alice)
    assert (told["verdict"], told["outcome"]["rate"], told["outcome"]["learned_rate"]) == ("drift", 0.5, RATE)
    assert {one["name"] for one in told["outcome"]["tests"] if one["moved"]} == {"base_rate", "calibration"}
    assert "It happened in 50.0% of 400 cases; when the model learned, in 30.0%." in told["reasons"][0]


def test_outcomes_as_often_as_learned_are_none(alice: Company) -> None:
    version(alice)
    came(alice, RATE)
    assert verdict(alice)["outcome"]["state"] == "none"


def test_outcomes_count_only_after_the_horizon(alice: Company) -> None:
    version(alice)
    came(alice, 0.5, days_ago=40)
    assert verdict(alice)["outcome"]["state"] == "unknown"
    made(PredictorSetting, company=alice, predictor="churn", horizon_days=30)
    assert verdict(alice)["outcome"]["state"] == "moved"


def test_the_versions_own_horizon_counts_where_the_company_says_none(alice: Company) -> None:
    version(alice, horizon_days=20)
    assert verdict(alice)["outcome"]["horizon_days"] == 20


def test_outcomes_of_few_of_the_predictions_say_nothing(alice: Company) -> None:
    version(alice)
    came(alice, 1.0, rows=300)
    fill(alice, records(400, 12), scores(400, 13), days_ago=101)
    told = verdict(alice)["outcome"]
    assert (told["state"], told["predictions"], told["outcomes"]) == ("unknown", 700, 300)
    assert "Report the others too" in told["why"]


def test_of_a_records_predictions_the_latest_that_has_an_outcome_counts(alice: Company) -> None:
    version(alice)
    marks = [f"c{number}" for number in range(400)]
    older, middle, _ = (
        fill(alice, records(400, 12), scores(400, 11), days_ago=days_ago, external_ids=marks)
        for days_ago in (110, 100, 95)
    )
    happened(alice, older[:200], [True] * 200)
    happened(alice, middle[100:], [False] * 300)
    told = verdict(alice)["outcome"]
    assert (told["predictions"], told["outcomes"], told["rate"]) == (400, 400, 0.25)


def test_silence_is_a_no_where_the_company_says_so(alice: Company) -> None:
    version(alice)
    rows = fill(alice, records(400, 12), scores(400, 11), days_ago=100)
    happened(alice, rows[: int(RATE * 400)], [True] * int(RATE * 400))
    assert verdict(alice)["outcome"]["state"] == "unknown"
    made(PredictorSetting, company=alice, predictor="churn", silence_means_no=True)
    told = verdict(alice)["outcome"]
    assert (told["state"], told["rate"], told["outcomes"], told["silent_no"]) == ("none", RATE, 400, 280)


def test_silence_that_grows_is_drift(alice: Company) -> None:
    version(alice)
    made(PredictorSetting, company=alice, predictor="churn", silence_means_no=True)
    happened(alice, fill(alice, records(400, 12), scores(400, 11), days_ago=100)[:40], [True] * 40)
    told = verdict(alice)
    assert (told["verdict"], told["outcome"]["rate"]) == ("drift", 0.1)


def test_a_yes_reported_of_a_younger_prediction_of_the_same_record_is_no_silence(alice: Company) -> None:
    """Who is scored every night has the outcome on the latest prediction; it was within the older one's horizon."""
    version(alice)
    made(PredictorSetting, company=alice, predictor="churn", silence_means_no=True)
    marks = [f"c{number}" for number in range(400)]
    fill(alice, records(400, 12), scores(400, 11), days_ago=100, external_ids=marks)
    young = fill(alice, records(400, 12), scores(400, 11), days_ago=80, external_ids=marks)
    happened(alice, young[:100], [True] * 100)
    changed(Outcome, {}, occurred_at=NOW - timedelta(days=20))
    happened(alice, young[100:150], [True] * 50)  # at NOW: ten days after the older one's horizon
    told = verdict(alice)["outcome"]
    assert (told["outcomes"], told["rate"], told["silent_no"]) == (400, 0.25, 300)
