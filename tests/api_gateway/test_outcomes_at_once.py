"""Two reports on one prediction at once, on connections of their own: both are kept, one counts."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from request_logs.models import Outcome
from tests.api_gateway.test_ledger import predicted
from tests.api_gateway.test_outcomes import LATER, MADE, OUTCOMES
from tests.conftest import ApiClient
from tests.stored import found
from users.models import Company

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db", "churn_serves")]


def at_once(api: ApiClient, mark: str, values: list[bool]) -> list[str]:
    """What each report is told, all sent at one moment."""
    together = threading.Barrier(len(values))

    def send(value: bool) -> str:
        try:
            together.wait(20)
            body: dict[str, Any] = {"prediction_id": mark, "outcome": value, "occurred_at": LATER}
            return str(api.post_json(OUTCOMES, body).json()["result"])
        finally:
            connection.close()

    with ThreadPoolExecutor(len(values)) as pool:
        return sorted(pool.map(send, values))


def test_of_contradictory_reports_at_once_both_are_kept_and_one_counts(alice: Company, alice_api: ApiClient) -> None:
    row = predicted(alice, MADE)
    assert at_once(alice_api, str(row.pk), [True, False]) == ["contradictory", "recorded"]
    assert sorted(one.current for one in found(Outcome)) == [False, True]


def test_the_same_report_four_times_at_once_is_stored_once(alice: Company, alice_api: ApiClient) -> None:
    row = predicted(alice, MADE)
    assert at_once(alice_api, str(row.pk), [True] * 4) == ["duplicate"] * 3 + ["recorded"]
    assert len(found(Outcome)) == 1
