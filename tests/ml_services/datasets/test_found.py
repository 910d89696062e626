"""Outcomes found in records: the right ones, once, and never against what somebody has said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ml_services import outcome_kinds
from ml_services.datasets.found import report_found
from ml_services.models import ModelVersion, PredictorSetting
from platform_core.tenancy import company_in_force
from request_logs import outcomes
from request_logs.identifiers import first_at
from request_logs.models import Outcome, Prediction
from request_logs.outcomes import Report
from tests.ml_services.datasets.shop import SET_UP, TODAY, filled, leaves, taken, with_leads
from tests.platform_core.records.rows import lead, on, payment
from tests.stored import changed, found, made
from users.asking import Asker
from users.models import Company
from users.privacy import redacted

HORIZON = 60


@pytest.fixture
def shop(alice: Company) -> Company:
    filled(alice)
    with_leads(alice)
    for name in ("churn", "clv", "lead-score", "plan-tier"):
        version(alice, name)
    return alice


def version(company: Company | None, predictor: str, **card: Any) -> None:
    card = card or {"horizon_days": HORIZON}
    made(ModelVersion, company=company, predictor=predictor, version="v1", evidence="full", card=card)


def predicted(company: Company, predictor: str, external_id: str, day: float, **more: Any) -> Any:
    mark = first_at(on(day))
    usual = {
        "asker_kind": "key", "asker_id": 1, "version": "v1", "version_company": company.pk, "input": {}, "output": {},
        "latency_ms": 0.1, "created_at": on(day), "external_id": external_id,
    }  # fmt: skip
    fresh = type(mark)(int=mark.int + len(found(Prediction)) + 1)
    return made(Prediction, company=company, id=fresh, predictor=predictor, **{**usual, **more}).pk


def said(mark: Any) -> list[tuple[Any, Any]]:
    return [(row.value, row.occurred_at) for row in found(Outcome, prediction=mark)]


def report(company: Company, day: float = TODAY) -> dict[str, int]:
    return report_found(company.pk, as_of=on(day))


def test_who_left_is_true_when_they_did_and_who_stayed_false_when_the_horizon_closed(shop: Company) -> None:
    end = leaves(9)
    assert end is not None
    left, stayed = predicted(shop, "churn", "c9", end - 30), predicted(shop, "churn", "c10", 300)
    still, gone = predicted(shop, "churn", "c10", TODAY - 10), predicted(shop, "churn", "c9", end + 1)
    counts = report(shop)
    assert (counts["looked"], counts["recorded"], counts["open"]) == (4, 2, 2)
    assert said(left) == [(True, on(end))]
    assert said(stayed) == [(False, on(300 + HORIZON))]
    assert said(still) == said(gone) == []
    assert found(Outcome)[0].asker_kind == "records"
    assert report(shop) == {**counts, "looked": 2, "recorded": 0}
    assert len(found(Outcome)) == 2


def test_an_end_is_known_before_the_horizon_closes_and_one_after_it_does_not_count(shop: Company) -> None:
    end = leaves(9)
    assert end is not None
    soon, late = predicted(shop, "churn", "c9", end - 5), predicted(shop, "churn", "c9", end - HORIZON - 5)
    report(shop, day=end + 1)
    assert said(soon) == [(True, on(end))]
    assert said(late) == [(False, on(end - 5))]


def test_value_is_what_was_paid_within_the_horizon(shop: Company) -> None:
    closed, still = predicted(shop, "clv", "c1", 200), predicted(shop, "clv", "c1", TODAY - 10)
    report(shop)
    paid = [day for day in range(1, 400, 30) if 200 < day <= 260]
    assert said(closed) == [(10.0 * len(paid), on(260))]
    assert said(still) == []


def test_leads_are_won_lost_or_not_won_in_time(shop: Company) -> None:
    taken(shop, "leads", [lead(200, 100, lost_at=on(110))])
    won, not_won = predicted(shop, "lead-score", "l3", 15), predicted(shop, "lead-score", "l4", 20)
    lost, over = predicted(shop, "lead-score", "l200", 100), predicted(shop, "lead-score", "l3", 50)
    report(shop, day=150)
    assert said(won) == [(True, on(35))]
    assert said(not_won) == [(False, on(80))]
    assert said(lost) == [(False, on(110))]
    assert said(over) == []


def test_a_lost_lead_that_is_won_in_time_after_all_is_said_so(shop: Company) -> None:
    taken(shop, "leads", [lead(200, 100, lost_at=on(110))])
    mark = predicted(shop, "lead-score", "l200", 100)
    report(shop, day=115)
    taken(shop, "leads", [lead(200, 100, lost_at=on(110), converted_at=on(120)) | {"source_updated_at": on(121)}])
    assert report(shop, day=130)["contradictory"] == 1
    assert [row.value for row in found(Outcome, prediction=mark, current=True)] == [True]
    assert report(shop, day=300)["looked"] == 0


def test_the_package_is_the_one_paid_most_until_the_horizon_closed(shop: Company) -> None:
    with company_in_force(shop.pk):
        shop.packages = SET_UP
        shop.save(update_fields=["packages"])
    rows = [payment(f"k{day}", 0, day, 4000) | {"email": "l4@example.com", "customer_ref": ""} for day in (30, 60, 170)]
    taken(shop, "payments", rows, "stripe")
    mark, nothing = predicted(shop, "plan-tier", "l4", 20), predicted(shop, "plan-tier", "l5", 25)
    report(shop)
    assert said(mark) == [("Pro", on(80))]
    assert said(nothing) == []


def test_a_prediction_is_found_by_its_redacted_address(shop: Company) -> None:
    given = {"email": redacted(shop.pk, "C9@example.com"), "amount": 3}
    mark = predicted(shop, "churn", "", 150, input=given, redacted=["email"])
    nobodys = predicted(shop, "churn", "nobody", 150)
    counts = report(shop)
    assert len(said(mark)) == 1
    assert (said(nobodys), counts["unmatched"]) == ([], 1)


def test_an_id_that_two_people_have_is_nobodys(shop: Company) -> None:
    other = {"external_id": "c9", "email": "else@example.com", "started_at": on(1), "source_updated_at": on(1)}
    taken(shop, "customers", [other], "shop")
    mark = predicted(shop, "churn", "c9", 150)
    assert report(shop)["unmatched"] == 1
    assert said(mark) == []


def told(company: Company, mark: Any, value: Any, day: float) -> None:
    with company_in_force(company.pk):
        who = Asker("person", 1, "x", company.pk)
        one = Report(value=value, occurred_at=on(day), prediction_id=mark)
        outcomes.report(asker=who, reports=[one], check=outcome_kinds.check)


def test_what_somebody_said_stands_unless_something_happened_later(shop: Company) -> None:
    end = leaves(9)
    assert end is not None
    not_seen, earlier, later = (predicted(shop, "churn", mark, end - 20) for mark in ("c10", "c9", "c9"))
    agreed = predicted(shop, "churn", "c9", end - 20)
    told(shop, not_seen, True, end)  # no record tells of it
    told(shop, earlier, False, end - 5)
    told(shop, later, False, end + 5)
    told(shop, agreed, True, end + 1)
    counts = report(shop)
    assert [row.value for row in found(Outcome, prediction=not_seen, current=True)] == [True]
    assert [row.value for row in found(Outcome, prediction=earlier, current=True)] == [True]
    assert [row.value for row in found(Outcome, prediction=later, current=True)] == [False]
    assert len(said(agreed)) == 1
    assert (counts["contradictory"], counts["kept_apart"]) == (1, 3)


def test_without_a_horizon_nothing_is_decided_and_the_companys_own_goes_before_the_cards(shop: Company) -> None:
    mark = predicted(shop, "churn", "c10", 300)
    changed(ModelVersion, {"predictor": "churn"}, card={"metrics": {}})
    assert report(shop)["looked"] == 0
    made(PredictorSetting, company=shop, predictor="churn", horizon_days=30)
    report(shop)
    assert said(mark) == [(False, on(330))]


def test_what_is_not_yet_predicted_as_of_a_day_is_not_judged(shop: Company) -> None:
    predicted(shop, "churn", "c10", 300)
    assert report(shop, day=299)["looked"] == 0


def test_bobs_predictions_learn_nothing_from_alices_records(shop: Company, bob: Company) -> None:
    version(bob, "churn")
    mark = predicted(bob, "churn", "c9", 150)
    assert report(bob)["recorded"] == 0
    report(shop)
    assert said(mark) == []


def test_more_than_a_batch_is_reported_whole(shop: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ml_services.datasets.found.BATCH", 3)
    for number in range(8):
        predicted(shop, "churn", "c10", 200 + number)
    assert report(shop)["recorded"] == 8
    assert {at - timedelta(days=HORIZON) for _, at in (said(row.pk)[0] for row in found(Prediction))} == {
        on(200 + number) for number in range(8)
    }
