"""Outcomes as the judge: only of predictions of which the new version cannot have learned."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from ml_services import artifacts
from ml_services.models import ModelVersion
from tests.ml_services.champions.versions import few_settings, joined, rows, train
from tests.stored import made
from users.models import Company


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    few_settings(monkeypatch)


def told_later(row: ModelVersion, columns: dict[str, Any], **more: Any) -> None:
    """Predictions of a version for these customers, and what came of each."""
    from request_logs.models import Outcome, Prediction

    model = artifacts.load(company_id=row.company_id, predictor="churn", version=row.version)
    for k, came in enumerate(columns["left"]):
        calls = columns["calls"][k]
        given = {
            "tenure": int(columns["tenure"][k]),
            "plan": columns["plan"][k],
            "calls": int(calls) if calls else None,
        }
        kept = made(
            Prediction, company_id=row.company_id, asker_kind="key", asker_id=1, predictor="churn", version=row.version,
            version_company=row.company_id, external_id=columns["customer_id"][k], input=given,
            output=model.answer(given, explain=False), latency_ms=1.0, **more,
        )  # fmt: skip
        made(
            Outcome, company_id=row.company_id, prediction=kept, value=came == "yes", occurred_at=timezone.now(),
            current=True, asker_kind="key", asker_id=1,
        )  # fmt: skip


def compared(row: ModelVersion) -> dict[str, Any]:
    found: dict[str, Any] = row.comparison or {}
    return found


def test_outcomes_judge_where_enough_have_come_in(alice: Company, bob: Company) -> None:
    first = train(alice, rows())
    told_later(first, rows(5, n=200))
    told_later(train(bob, rows()), rows(6, n=50))
    found = compared(train(alice, joined(rows(), rows(1))))
    assert (found["on"], found["rows"], found["against"]) == ("outcomes", 200, first.version)
    assert found["verdict"] in ("equal", "better")


def test_what_the_new_version_has_learned_from_does_not_count(alice: Company) -> None:
    told_later(train(alice, rows()), rows(5, n=200))
    found = compared(train(alice, joined(rows(), rows(5, n=200))))
    assert found["on"] == "locked hold-out"


def test_redacted_inputs_and_too_few_outcomes_do_not_count(alice: Company) -> None:
    first = train(alice, rows())
    told_later(first, rows(5, n=150), redacted=["plan"])
    told_later(first, rows(6, n=40))
    assert compared(train(alice, joined(rows(), rows(1))))["on"] == "locked hold-out"
