"""Every night: outcomes that the records tell of, for each company, whatever happens to another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from file_uploads import found_watch
from ml_services.models import ModelVersion
from platform_core import jobs, tasks
from platform_core.errors import PlatformError
from request_logs.identifiers import first_at
from request_logs.models import Outcome, Prediction
from tests.ml_services.datasets.shop import HORIZON, filled, leaves
from tests.platform_core.records.rows import on
from tests.stored import found, made
from users.models import Company


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Children are this process; for which companies one was asked."""
    companies: list[int] = []

    def at_once(function: Callable[..., Any], *arguments: Any, timeout_s: float) -> Any:
        companies.append(arguments[0])
        return function(*arguments)

    monkeypatch.setattr(jobs, "in_child", at_once)
    monkeypatch.setattr(found_watch.connections, "close_all", lambda: None)  # the test's own
    return companies


def scored(company: Company, *people: int) -> None:
    """What churn said of them on day 140."""
    made(
        ModelVersion, company=company, predictor="churn", version="v1", evidence="full", card={"horizon_days": HORIZON}
    )  # fmt: skip
    for person in people:
        mark = first_at(on(140)).int + 1000 * company.pk + person
        made(
            Prediction, company=company, id=UUID(int=mark), input={},
            predictor="churn", version="v1", version_company=company.pk, external_id=f"c{person}", output={},
            asker_kind="key", asker_id=1, latency_ms=0.1, created_at=on(140),
        )  # fmt: skip


def outcomes(company: Company) -> dict[str, Any]:
    rows = found(Outcome, company=company)
    ids = {row.pk: row.external_id for row in found(Prediction, company=company)}
    return {ids[row.prediction_id]: row.value for row in rows}


def test_every_company_with_records_and_predictions_is_looked_at_and_the_night_after_adds_nothing(
    alice: Company, bob: Company, asked: list[int]
) -> None:
    for company, people in ((alice, (3, 4)), (bob, (6,))):
        filled(company)
        scored(company, *people)
    assert leaves(3) is not None and leaves(4) is None
    assert found_watch.find_all()["recorded"] == 3
    assert (outcomes(alice), outcomes(bob)) == ({"c3": True, "c4": False}, {"c6": True})
    assert found_watch.find_all()["recorded"] == 0
    assert asked == [alice.pk, bob.pk] * 2


def test_nothing_is_begun_where_records_or_predictions_are_missing(
    alice: Company, bob: Company, asked: list[int]
) -> None:
    filled(alice)
    scored(bob, 3)
    assert found_watch.find_all() == {"companies": 0}
    assert asked == []


@pytest.mark.parametrize("problem", [PlatformError("It took too long."), ValueError("a row like no other")])
def test_one_companys_failure_stops_no_other(
    alice: Company, bob: Company, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    for company in (alice, bob):
        filled(company)
        scored(company, 3)
    usual = found_watch.find

    def sometimes(company_id: int) -> dict[str, int]:
        if company_id == alice.pk:
            raise problem
        return usual(company_id)

    monkeypatch.setattr(found_watch, "find", sometimes)
    assert found_watch.find_all()["companies"] == 1
    assert (outcomes(alice), outcomes(bob)) == ({}, {"c3": True})


def test_it_is_done_before_drift_and_scoreboards_look() -> None:
    turns = {turn.task.name: turn.cron for turn in tasks.app.periodic_registry.periodic_tasks.values()}
    minutes = [int(turns[f"platform_core.{name}"].split()[0]) for name in ("find_outcomes", "check_drift")]
    assert minutes == sorted(minutes)
    assert turns["platform_core.find_outcomes"].split()[1] == turns["platform_core.check_drift"].split()[1] == "3"
