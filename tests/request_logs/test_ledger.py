"""The ledger's own connection: each row once, whatever breaks; and nothing said to be kept that is not."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from platform_core.errors import DatabaseUnavailable
from request_logs import ledger
from request_logs.identifiers import time_of, time_ordered
from request_logs.ledger import Entry
from request_logs.models import Prediction
from tests.stored import found
from users.models import Company

CALL = ledger.call
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _connection_ends() -> Iterator[None]:
    yield
    CALL.close()


def entry(company_id: int, **values: Any) -> Entry:
    mark = time_ordered()
    usual: dict[str, Any] = {
        "company_id": company_id, "id": mark, "asker_kind": "key", "asker_id": 1, "predictor": "churn", "version": "v1",
        "version_company": None, "parts": None, "external_id": "", "input": {"amount": 1, "text": "a 'b' \\ \"c\" {d}"},
        "redacted": [], "output": {"probability": 0.25}, "raw": None, "base": None, "reasons": None, "latency_ms": 0.1,
        "request_id": "r", "created_at": time_of(mark),
    }  # fmt: skip
    return Entry(**usual | values)


def calls(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The round trips to the database from now on."""
    made: list[bytes] = []

    def counted(companies: bytes, batches: bytes) -> None:
        made.append(companies)
        CALL(companies, batches)

    monkeypatch.setattr(ledger, "call", counted)
    return made


def test_a_row_comes_back_as_it_went_in(alice: Company) -> None:
    given = entry(alice.pk, reasons=[{"feature": "a", "effect": -0.1}], raw=[1.5, 2.0], parts=[{"name": "x"}])
    ledger.keep([given])
    (row,) = found(Prediction)
    for name in ("company_id", "id", "input", "output", "reasons", "raw", "base", "parts", "created_at", "request_id"):
        assert getattr(row, name) == getattr(given, name), name


def test_a_thousand_rows_are_one_round_trip(alice: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    made = calls(monkeypatch)
    ledger.keep([entry(alice.pk) for _ in range(1000)])
    assert len(made) == 1
    assert len(found(Prediction)) == 1000


def test_rows_of_two_companies_written_together_stay_apart(alice: Company, bob: Company) -> None:
    entries = [entry(one.pk, external_id=one.slug) for one in (alice, bob, alice)]
    companies, batches = ledger.written(entries)
    ledger.call(companies, batches)
    assert sorted((row.company_id, row.external_id) for row in found(Prediction)) == sorted(
        (one.pk, one.slug) for one in (alice, alice, bob)
    )


def test_threads_of_two_companies_share_commits_and_lose_nothing(
    alice: Company, bob: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = calls(monkeypatch)
    together = threading.Barrier(8)

    def client(number: int) -> None:
        company = alice if number % 2 else bob
        together.wait(10)
        for count in range(20):
            ledger.keep([entry(company.pk, external_id=f"{company.slug}-{number}-{count}")])
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(client, range(8)))
    rows = found(Prediction)
    assert len({row.external_id for row in rows}) == len(rows) == 160
    assert all(row.external_id.startswith(alice.slug if row.company_id == alice.pk else bob.slug) for row in rows)
    assert len(made) < 160


def ended(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_connection_that_broke_is_made_anew(alice: Company) -> None:
    ledger.keep([entry(alice.pk)])
    first = CALL.backend_pid()
    ended(first)
    ledger.keep([entry(alice.pk)])
    assert len(found(Prediction)) == 2
    assert CALL.backend_pid() != first


def test_a_write_repeated_after_a_lost_answer_is_there_once(alice: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    real, lost = CALL._sent, [True]

    def answer_lost(parameters: Any) -> Any:
        result = real(parameters)
        return None if lost and lost.pop() else result

    monkeypatch.setattr(ledger.call, "_sent", answer_lost)
    ledger.keep([entry(alice.pk)])
    assert lost == []
    assert len(found(Prediction)) == 1


def test_without_a_database_it_is_said_and_later_writes_work_again(
    alice: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**parameters: Any) -> Any:
        raise psycopg.OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(psycopg, "connect", away)
        with pytest.raises(DatabaseUnavailable):
            ledger.keep([entry(alice.pk)])
    ledger.keep([entry(alice.pk)])
    assert len(found(Prediction)) == 1


def test_a_row_that_the_database_refuses_is_an_error_and_not_kept(alice: Company) -> None:
    for wrong in (entry(987_654_321), entry(alice.pk, predictor="x" * 41)):
        with pytest.raises(DatabaseError, match="refused"):
            ledger.keep([wrong])
    ledger.keep([entry(alice.pk)])
    assert len(found(Prediction)) == 1


def test_within_a_transaction_it_is_kept_with_it(alice: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    made = calls(monkeypatch)
    with pytest.raises(RuntimeError), transaction.atomic():
        ledger.keep([entry(alice.pk)])
        raise RuntimeError
    assert found(Prediction) == []
    with transaction.atomic():
        ledger.keep([entry(alice.pk)])
    assert len(found(Prediction)) == 1
    assert made == []


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_forked_process_makes_its_own_connection(alice: Company) -> None:
    ledger.keep([entry(alice.pk)])
    pid = os.fork()
    if pid == 0:
        try:
            parents = CALL._kept[os.getppid()].info.backend_pid
            ledger.keep([entry(alice.pk)])
            os._exit(0 if CALL.backend_pid() != parents else 1)
        finally:
            os._exit(2)
    assert os.waitpid(pid, 0)[1] == 0
    ledger.keep([entry(alice.pk)])
    assert len(found(Prediction)) == 3


def test_the_connection_bypasses_no_policy(alice: Company) -> None:
    ledger.keep([entry(alice.pk)])
    kept = CALL.connected()
    assert kept.execute("SELECT count(*) FROM request_logs_prediction").fetchone() == (0,)
    assert kept.execute("SELECT current_setting('app.company_id', true)").fetchone() in [("",), (None,)]
