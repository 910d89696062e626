"""What is older than a company keeps goes, in small batches; nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from platform_core.errors import InputInvalid
from platform_core.tenancy import company_in_force
from request_logs import pruning
from request_logs.identifiers import time_ordered
from request_logs.models import Outcome, Prediction, Request
from tests.api_gateway.test_ledger import predicted
from tests.stored import found, made
from users.models import AuditEvent, Company

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def requested(company: Company, at: datetime) -> Request:
    row: Request = made(
        Request, company=company, id=time_ordered(int(at.timestamp()) * 10**9), method="GET", path="/api/models/",
        status=200, latency_ms=1, asker_kind="key", asker_id=1, bytes_in=0, bytes_out=1, request_id="a", created_at=at,
    )  # fmt: skip
    return row


def test_each_company_keeps_as_long_as_it_says(alice: Company, bob: Company) -> None:
    with company_in_force(alice.pk):
        Company.objects.filter(pk=alice.pk).update(retention_days=30)
    kept = [predicted(alice, days_ago(29)), predicted(bob, days_ago(31))]
    old = [predicted(alice, days_ago(31)), predicted(alice, days_ago(400)), predicted(bob, days_ago(366))]
    for row in (kept[0], old[0]):
        asker = {"asker_kind": "key", "asker_id": 1}
        made(Outcome, company=alice, prediction=row, value=True, occurred_at=NOW, current=True, **asker)
    gone = {one.company: (one.predictions, one.outcomes) for one in pruning.prune(now=NOW)}
    assert gone == {"alice": (2, 1), "bob": (1, 0)}
    assert {row.pk for row in found(Prediction)} == {row.pk for row in kept}
    assert [row.prediction_id for row in found(Outcome)] == [kept[0].pk]


def test_requests_are_kept_ninety_days(alice: Company) -> None:
    kept = requested(alice, days_ago(89))
    requested(alice, days_ago(91))
    assert [one.requests for one in pruning.prune(now=NOW)] == [1]
    assert [row.pk for row in found(Request)] == [kept.pk]


def test_many_go_in_small_batches(alice: Company) -> None:
    for _ in range(7):
        predicted(alice, days_ago(800))
    with CaptureQueriesContext(connection) as asked:
        assert pruning.prune(now=NOW, batch=3)[0].predictions == 7
    deletes = [one["sql"] for one in asked.captured_queries if "DELETE FROM request_logs_prediction" in one["sql"]]
    assert len(deletes) == 3
    assert found(Prediction) == []


def test_the_audit_says_how_much_went_and_nothing_where_nothing_did(alice: Company, bob: Company) -> None:
    predicted(alice, days_ago(400))
    pruning.prune(now=NOW)
    pruning.prune(now=NOW)
    told = [(row.company_id, row.subject, row.detail["predictions"]) for row in found(AuditEvent, act="data.deleted")]
    assert told == [(alice.pk, "retention", 1)]


def test_the_command_says_what_went(alice: Company) -> None:
    predicted(alice, datetime(2020, 1, 1, tzinfo=UTC))
    out = StringIO()
    call_command("prune", stdout=out)
    assert "alice: 1 predictions, 0 outcomes, 0 requests" in out.getvalue()
    assert "answers to repeated requests: 0" in out.getvalue()


def test_a_batch_of_nothing_is_refused(db: None) -> None:
    with pytest.raises(InputInvalid):
        call_command("prune", batch=0)
