"""Which predictions count, when, and what is taken to have come of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ml_services.scoreboard.ledgers import HORIZON, board, came, horizon, only, predicted, version
from users.models import Company


@pytest.fixture(autouse=True)
def _thirty_days(request: pytest.FixtureRequest, alice: Company) -> None:
    horizon(alice)


def tally(company: Company, until: float, **more: Any) -> dict[str, int]:
    return dict(only(board(company, until, **more))["predictions"])


def test_an_early_yes_does_not_count_before_its_horizon_has_closed(alice: Company) -> None:
    """Those that come early are events: counted at once, they would say that everybody leaves."""
    early = predicted(alice, 0)
    came(early, True, 2)
    for _ in range(3):
        predicted(alice, 0)
    before, after = (only(board(alice, HORIZON + late)) for late in (-0.1, 0.1))
    assert before["predictions"]["counted"] == 0
    assert before["predictions"]["open"] == 4
    assert before["total"]["observed"]["value"] is None
    assert before["total"]["observed"]["needed"]
    assert after["predictions"] | {"answered": 4, "open": 0} == {
        "answered": 4, "open": 0, "closed": 4, "repeated": 0, "counted": 4, "reported": 1, "unreported": 3,
        "counted_as_no": 0,
    }  # fmt: skip
    assert after["coverage"]["value"] == 0.25


def test_silence_is_no_answer_unless_the_company_says_so(alice: Company, bob: Company) -> None:
    horizon(bob, silence_means_no=True)
    for company in (alice, bob):
        came(predicted(company, 0), True, 2)
        for _ in range(3):
            predicted(company, 0)
    asked, silent = only(board(alice, 40)), only(board(bob, 40))
    assert (asked["total"]["rows"], asked["total"]["observed"]["value"]) == (1, 1.0)
    assert (silent["total"]["rows"], silent["total"]["observed"]["value"]) == (4, 0.25)
    assert silent["predictions"]["counted_as_no"] == 3
    assert silent["coverage"]["value"] == 0.25, "what was assumed was not reported"


@pytest.mark.parametrize(
    ("value", "at", "observed"),
    [(True, HORIZON, 1.0), (True, HORIZON + 1, 0.0), (False, 3, 0.0), (False, HORIZON + 9, 0.0)],
)
def test_what_came_after_the_horizon_had_not_come_within_it(
    alice: Company, value: bool, at: float, observed: float
) -> None:
    came(predicted(alice, 0), value, at)
    assert only(board(alice, 90))["total"]["observed"]["value"] == observed


def test_what_occurred_after_the_moment_looked_at_is_not_known_then(alice: Company) -> None:
    came(predicted(alice, 0), True, HORIZON + 20)
    assert tally(alice, HORIZON + 10)["reported"] == 0
    assert tally(alice, HORIZON + 30)["reported"] == 1


def test_only_the_report_that_counts_now_is_looked_at(alice: Company) -> None:
    row = predicted(alice, 0)
    came(row, True, 5, current=False)
    came(row, False, 6)
    assert only(board(alice, 40))["total"]["came"] == 0


def test_a_customer_scored_daily_counts_once_a_horizon(alice: Company) -> None:
    for day in range(2 * HORIZON + 1):
        predicted(alice, day, external_id="crm-1")
    predicted(alice, 1, external_id="crm-2")
    predicted(alice, 1)
    predicted(alice, 1)
    found = tally(alice, 3 * HORIZON + 1)
    assert found["closed"] == 2 * HORIZON + 4
    assert found["counted"] == 3 + 1 + 2, "days 0, 30 and 60; the other customer; two that nobody named"
    assert found["repeated"] == found["closed"] - found["counted"]


def test_an_outcome_on_the_latest_prediction_answers_the_first_of_the_window_too(alice: Company) -> None:
    """By external id an outcome is kept with the latest prediction before it, which has not closed yet."""
    predicted(alice, 0, external_id="crm-1")
    came(predicted(alice, 28, external_id="crm-1"), True, 29)
    predicted(alice, 0, external_id="crm-2")
    came(predicted(alice, 44, external_id="crm-2"), True, 45)
    found = only(board(alice, 46))
    assert found["predictions"]["counted"] == 2
    assert (found["total"]["rows"], found["total"]["came"]) == (2, 1), "the second left after its horizon"


def test_an_event_before_a_prediction_is_not_its_outcome(alice: Company) -> None:
    came(predicted(alice, 0, external_id="crm-1"), True, 10)
    predicted(alice, 31, external_id="crm-1")
    found = only(board(alice, 90))["predictions"]
    assert (found["counted"], found["reported"], found["unreported"]) == (2, 1, 1)


def test_another_versions_prediction_may_carry_the_outcome(alice: Company) -> None:
    predicted(alice, 0, external_id="crm-1", version="v1")
    came(predicted(alice, 10, external_id="crm-1", version="v2"), True, 12)
    boards = {one["version"]: one for one in board(alice, 60)["versions"]}
    assert boards["v1"]["total"]["came"] == boards["v2"]["total"]["came"] == 1


def test_a_class_or_an_amount_counts_by_the_prediction_that_it_was_reported_on(alice: Company) -> None:
    answer = {"value": "100.00", "interval": {"low": "50", "high": "150", "level": 0.8}, "horizon_days": 30}
    predicted(alice, 0, external_id="crm-1", predictor="clv", output=answer | {"value": "10.00"})
    came(predicted(alice, 5, external_id="crm-1", predictor="clv", output=answer), 120, 36)
    predicted(alice, 0, external_id="crm-2", predictor="clv", output=answer)
    found = only(board(alice, 90, "clv"))
    assert found["predictions"]["counted"] == 2
    assert found["predictions"]["reported"] == 1
    assert found["horizon"] == {"days": 30, "source": "answer"}


def test_each_company_sees_its_own(alice: Company, bob: Company) -> None:
    came(predicted(alice, 0, external_id="crm-1"), True, 2)
    predicted(bob, 0, external_id="crm-1")
    horizon(bob)
    assert only(board(bob, 40))["predictions"]["reported"] == 0
    assert only(board(alice, 40))["predictions"]["answered"] == 1


@pytest.mark.parametrize(
    ("setting", "card", "expected"),
    [
        (7, {"horizon_days": 60}, (7, "setting")),
        (None, {"horizon_days": 60}, (60, "card")),
        (None, {}, (90, "default")),
        (None, {"horizon_days": True}, (90, "default")),
        (None, {"horizon_days": "60"}, (90, "default")),
    ],
)
def test_the_horizon_is_the_companys_else_the_cards_else_the_default(
    bob: Company, setting: int | None, card: dict[str, Any], expected: tuple[int, str]
) -> None:
    horizon(bob, setting)  # type: ignore[arg-type]
    version(bob, card=card)
    predicted(bob, 0)
    found = only(board(bob, 1))["horizon"]
    assert (found["days"], found["source"]) == expected


def test_a_composites_part_is_an_answer_of_the_parts_version(alice: Company) -> None:
    parts = [{"name": "churn", "version": "v7", "company": alice.pk}, {"name": "clv", "version": "c1", "company": None}]
    row = predicted(
        alice, 0, predictor="comprehensive", version="churn=v7,clv=c1", parts=parts,
        output={"churn": {"probability": 0.9, "risk": "high"}, "clv": {"value": "1.00", "horizon_days": 30}},
    )  # fmt: skip
    came(row, {"churn": True}, 3)
    found = only(board(alice, 40))
    assert (found["version"], found["total"]["came"]) == ("v7", 1)
    assert only(board(alice, 40, "clv"))["predictions"]["unreported"] == 1
    assert board(alice, 40, "comprehensive")["versions"] == []


def test_the_queries_are_as_many_for_one_prediction_as_for_many(alice: Company, django_assert_num_queries: Any) -> None:
    version(alice)
    for number in (1, 40):
        for _ in range(number):
            came(predicted(alice, 0), True, 2)
        with django_assert_num_queries(6):  # three reads; the scope of COPY within its savepoint
            board(alice, 40)
