"""Two equal requests at once, on connections and transactions of their own: one runs, both get its answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from api_gateway import idempotency
from api_gateway.models import IdempotentAnswer
from api_gateway.views.predictions import PredictView
from ml_services.models import TrainingRun
from platform_core.tenancy import current_company
from tests.api_gateway.asking import CHURN, GOOD, refused
from tests.conftest import ApiClient
from tests.stored import found

PATIENCE_S = 20
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db", "churn_serves")]


class Gate:
    """Lets the first handler in, and holds it until told."""

    def __init__(self) -> None:
        self.entered, self.opened, self.ran = threading.Event(), threading.Event(), 0

    def around(self, post: Callable[..., Any]) -> Callable[..., Any]:
        def held(view: Any, request: Any) -> Any:
            self.ran += 1
            TrainingRun.objects.create(company_id=current_company(), predictor="churn")
            self.entered.set()
            assert self.opened.wait(PATIENCE_S)
            return post(view, request)

        return held


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """A handler that leaves a row, and waits."""
    made = Gate()
    monkeypatch.setattr(PredictView, "post", made.around(PredictView.post))
    return made


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads for the requests."""
    with ThreadPoolExecutor(4) as made:
        yield made


def ask(api: ApiClient) -> Any:
    try:
        return api.post(CHURN, GOOD, content_type="application/json", headers={"Idempotency-Key": "k"})
    finally:
        connection.close()


def until_one_waits() -> None:
    """Returns once a statement of another connection waits for a lock."""
    ends = time.monotonic() + PATIENCE_S
    with connection.cursor() as cursor:
        while time.monotonic() < ends:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("nobody waited")


def test_one_runs_and_both_get_its_answer(alice_api: ApiClient, gate: Gate, pool: ThreadPoolExecutor) -> None:
    first = pool.submit(ask, alice_api)
    assert gate.entered.wait(PATIENCE_S)
    second = pool.submit(ask, alice_api)
    until_one_waits()
    gate.opened.set()
    answers = [first.result(), second.result()]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert answers[1]["Idempotency-Replayed"] == "true"
    assert gate.ran == len(found(TrainingRun)) == 1


def test_who_waits_too_long_is_told_to_come_again(
    alice_api: ApiClient, gate: Gate, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "PATIENCE_MS", 50)
    first = pool.submit(ask, alice_api)
    assert gate.entered.wait(PATIENCE_S)
    second = ask(alice_api)
    refused(second, 409, "in_progress")
    assert int(second["Retry-After"]) > 0
    gate.opened.set()
    assert first.result().status_code == 200
    assert ask(alice_api).content == first.result().content


def test_where_the_first_fails_the_second_runs(
    alice_api: ApiClient, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, opened, turns = threading.Event(), threading.Event(), iter([True, False])
    whole = PredictView.post

    def fails_first(view: Any, request: Any) -> Any:
        if next(turns):
            TrainingRun.objects.create(company_id=current_company(), predictor="churn")
            entered.set()
            assert opened.wait(PATIENCE_S)
            raise RuntimeError
        return whole(view, request)

    monkeypatch.setattr(PredictView, "post", fails_first)
    first = pool.submit(ask, alice_api)
    assert entered.wait(PATIENCE_S)
    second = pool.submit(ask, alice_api)
    until_one_waits()
    opened.set()
    assert [first.result().status_code, second.result().status_code] == [500, 200]
    assert "Idempotency-Replayed" not in second.result()
    assert not found(TrainingRun), "what the failed one did is undone"
    assert len(found(IdempotentAnswer)) == 1


def test_a_lost_connection_leaves_nothing_behind(
    alice_api: ApiClient, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(view: Any, request: Any) -> Any:
        TrainingRun.objects.create(company_id=current_company(), predictor="churn")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with monkeypatch.context() as patch:
        patch.setattr(PredictView, "post", lost)
        refused(pool.submit(ask, alice_api).result(), 503, "database_unavailable")
    assert not found(TrainingRun)
    assert pool.submit(ask, alice_api).result().status_code == 200
