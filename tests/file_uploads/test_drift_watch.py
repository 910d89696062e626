"""The verdict of every night: kept for each company, told once when it turns to drift, never twice."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.models import Delivery
from file_uploads import drift_watch
from ml_services import drift
from ml_services.models import DriftCheck
from platform_core import jobs
from platform_core.errors import PlatformError
from platform_core.tenancy import company_in_force
from tests.ml_services.drift.windows import NOW, fill, records, scores, version
from tests.stored import found
from users import company_settings
from users.models import Company

HOOK = "https://hook.example/"


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, alice: Company) -> None:
    """In this process, as a child would not see the test's transaction; of a window that ends at NOW."""

    def called(function: Any, *arguments: Any, timeout_s: float) -> Any:
        return function(*arguments)

    def assess(company_id: int, predictor: str) -> dict[str, Any]:
        return drift.verdict(predictor, until=NOW)

    monkeypatch.setattr(jobs, "in_child", called)
    monkeypatch.setattr(drift_watch, "assess", assess)
    with company_in_force(alice.pk):
        company_settings.change(company_id=alice.pk, given={"notify_by_email": True, "webhook_urls": [HOOK]})


def drifted(company: Company, name: str = "v1") -> None:
    version(company, name=name)
    fill(company, records(400, 5), scores(400, 6, lower=6.0), version=name)


def test_a_verdict_is_kept_for_each_company_that_has_a_version_and_a_ledger(alice: Company, bob: Company) -> None:
    drifted(alice)
    version(bob)
    assert drift_watch.check_all() == {"drift": 1}
    (row,) = found(DriftCheck)
    assert (row.company_id, row.predictor, row.version, row.verdict) == (alice.pk, "churn", "v1", "drift")
    assert row.evidence["window"]["rows"] == 400
    with company_in_force(bob.pk):
        assert not DriftCheck.objects.exists()


def test_drift_is_told_once(alice: Company, mailoutbox: list[Any]) -> None:
    drifted(alice)
    for _ in range(3):
        drift_watch.check_all()
    (message,) = found(Delivery)
    assert (message.event, message.url) == ("model.drifted", HOOK)
    assert '"predictor":"churn"' in message.body
    assert [letter.to for letter in mailoutbox] == [["alice@example.com"]]
    assert mailoutbox[0].subject == "The model of churn has drifted"
    assert "Scores moved" in mailoutbox[0].body


def test_unknown_between_two_finds_is_no_news_and_none_is(alice: Company) -> None:
    drifted(alice)
    with company_in_force(alice.pk):
        told = drift.verdict("churn", until=NOW)
        for verdict in ("drift", "unknown", "drift", "none", "drift"):
            drift_watch.keep({**told, "verdict": verdict})
    assert len(found(Delivery)) == 2


def test_another_version_that_drifts_is_news(alice: Company) -> None:
    drifted(alice)
    drift_watch.check_all()
    with company_in_force(alice.pk):
        drift_watch.keep({**drift.verdict("churn", until=NOW), "version": "v2"})
    assert len(found(Delivery)) == 2


@pytest.mark.parametrize("problem", [PlatformError("It took too long."), ValueError("a row like no other")])
def test_one_that_cannot_be_judged_stops_no_other(
    alice: Company, bob: Company, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    drifted(alice)
    drifted(bob)
    usual = drift_watch.assess

    def assess(company_id: int, predictor: str) -> dict[str, Any]:
        if company_id == alice.pk:
            raise problem
        return usual(company_id, predictor)

    monkeypatch.setattr(drift_watch, "assess", assess)
    assert drift_watch.check_all() == {"drift": 1}
    assert [row.company_id for row in found(DriftCheck)] == [bob.pk]
