"""A process that falls silent with a lock in its hand loses it."""

from __future__ import annotations

import time

import pytest
from django.db import OperationalError, connection, transaction

from platform_core import transactions
from platform_core.transactions import IDLE, brief


def told() -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {IDLE}")
        found: str = cursor.fetchone()[0]
        return found


@pytest.mark.django_db(transaction=True)
def test_a_brief_transaction_that_falls_silent_is_ended_by_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "BRIEF_S", 0.2)
    with pytest.raises(OperationalError), brief():
        assert told() == "200ms"
        time.sleep(1.5)
        told()
    connection.close()
    assert told() == "0"


@pytest.mark.django_db(transaction=True)
def test_a_transaction_within_another_leaves_its_time_alone() -> None:
    @brief()
    def inner() -> str:
        return told()

    with transaction.atomic():
        assert inner() == "0"
    assert inner() == f"{transactions.BRIEF_S:.0f}s"
