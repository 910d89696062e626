"""An alert about outcomes is told once, to those who can act; again only after it was quiet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.models import Delivery
from file_uploads import outcome_watch
from file_uploads.models import Watch
from platform_core import jobs
from platform_core.errors import PlatformError
from platform_core.tenancy import company_in_force
from tests.file_uploads.trainings import Queue
from tests.ml_services.scoreboard.ledgers import came, horizon, predicted
from tests.stored import found
from tests.users.people import member
from users.models import Company, Role

ALERT = {"status": "alert", "reasons": ["All together: more."], "evidence": {"rows": 9}, "version": "v1"}
OK, UNKNOWN = ALERT | {"status": "ok"}, ALERT | {"status": "unknown"}


@pytest.fixture(autouse=True)
def _at_hand(monkeypatch: pytest.MonkeyPatch, queue: Queue, alice: Company) -> None:
    """Children are this process; Alice's company wishes to be told."""

    def at_once(function: Callable[..., Any], *arguments: Any, timeout_s: float) -> Any:
        return function(*arguments)

    monkeypatch.setattr(jobs, "in_child", at_once)
    with company_in_force(alice.pk):
        Company.objects.filter(pk=alice.pk).update(notify_by_email=True, webhook_urls=["https://hook.example/"])


def noted(company: Company, *verdicts: dict[str, Any]) -> list[bool]:
    with company_in_force(company.pk):
        return [outcome_watch.noted(company.pk, "churn", verdict) for verdict in verdicts]


def test_an_alert_is_told_once_and_again_after_it_was_quiet(alice: Company) -> None:
    assert noted(alice, ALERT, ALERT, UNKNOWN, ALERT, OK, ALERT) == [True, False, False, False, False, True]
    assert [row.event for row in found(Delivery)] == ["model.alert"] * 2


def test_another_versions_alert_is_news(alice: Company) -> None:
    assert noted(alice, ALERT, ALERT | {"version": "v2"}, ALERT | {"version": "v2"}) == [True, True, False]


def test_owners_and_admins_get_a_letter_and_nobody_else(alice: Company, bob: Company, mailoutbox: list[Any]) -> None:
    member(alice, Role.ADMIN, "ann@alice.example")
    member(alice, Role.ANALYST, "arthur@alice.example")
    noted(alice, ALERT)
    assert sorted(letter.to[0] for letter in mailoutbox) == ["alice@example.com", "ann@alice.example"]
    assert mailoutbox[0].subject == "Churn: what came is not what was said"
    assert "All together: more." in mailoutbox[0].body
    assert "/predictors/churn/outcomes/" in mailoutbox[0].body
    noted(bob, ALERT)
    assert len(mailoutbox) == 2, "Bob's company does not wish letters"


def test_the_daily_turn_finds_a_rate_that_left_its_interval(alice: Company, bob: Company) -> None:
    for company in (alice, bob):
        horizon(company)
    for number in range(120):
        came(predicted(alice, 0, 0.1, external_id=f"crm-{number}"), number % 2 == 0, 5)
    assert outcome_watch.watch_outcomes() == 1
    assert outcome_watch.watch_outcomes() == 0
    (row,) = found(Watch)
    assert (row.company_id, row.predictor, row.alerted) == (alice.pk, "churn", True)
    assert "more than was said" in row.verdict["reasons"][0]


@pytest.mark.parametrize("problem", [PlatformError("no"), ValueError("a row like no other")])
def test_one_board_that_cannot_be_made_leaves_the_others(
    alice: Company, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    came(predicted(alice, 0), True, 1)
    looked: list[str] = []

    def look(company_id: int, name: str) -> dict[str, Any]:
        looked.append(name)
        if name == "churn":
            raise problem
        return ALERT

    monkeypatch.setattr(outcome_watch, "look", look)
    assert outcome_watch.watch_outcomes() == len(looked) - 1 > 1
