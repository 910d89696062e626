"""The log of requests is written beside the requests, within a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import RequestFactory

from request_logs import access
from request_logs.models import Request
from tests.stored import found
from users.models import Company


@pytest.fixture(autouse=True)
def _nothing_waits() -> Iterator[None]:
    access.forget()
    yield
    access.forget()


def end(stop: threading.Event) -> None:
    stop.set()
    for thread in threading.enumerate():
        if thread.name == "request-log":
            thread.join(10)


def noted(company: Company, path: str = "/api/models/", **more: Any) -> None:
    from django.http import HttpResponse

    access.note(RequestFactory().get(path, **more), HttpResponse(b"12345"), "key", 7, company.pk, 1.5)


@pytest.mark.django_db(transaction=True)
def test_a_thread_writes_what_waits_within_a_second(alice: Company) -> None:
    stop = access.watch()
    try:
        noted(alice)
        until = time.monotonic() + 10
        while not (rows := found(Request)) and time.monotonic() < until:
            time.sleep(0.05)
        assert [(row.path, row.bytes_out, row.latency_ms) for row in rows] == [("/api/models/", 5, 1.5)]
    finally:
        end(stop)


def test_without_a_database_it_goes_on(
    alice: Company, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> int:
        raise DatabaseError

    monkeypatch.setattr(access, "flush", away)
    monkeypatch.setattr(access, "FLUSH_S", 0.01)
    stop = access.watch()
    until = time.monotonic() + 10
    while caplog.text.count("waits for the database") < 2 and time.monotonic() < until:
        time.sleep(0.01)
    end(stop)
    assert caplog.text.count("waits for the database") >= 2


def test_what_waits_is_bounded(alice: Company) -> None:
    for _ in range(access.MOST_WAITING + 10):
        noted(alice)
    assert len(access._waiting) == access.MOST_WAITING


@pytest.mark.parametrize("length", ["", "x", "-5", "9" * 30])
def test_an_odd_length_of_a_body_does_no_harm(alice: Company, length: str) -> None:
    noted(alice, CONTENT_LENGTH=length)
    assert access.flush() == 1


def test_a_long_or_odd_path_is_cut_and_kept(alice: Company) -> None:
    noted(alice, "/api/" + "ä%00" * 400)
    access.flush()
    assert len(found(Request)[0].path) <= access.LONGEST_PATH


def test_a_row_that_the_database_refuses_holds_up_no_other(alice: Company, caplog: pytest.LogCaptureFixture) -> None:
    noted(alice)
    noted(alice)
    wrong = access.msgspec.structs.replace(access._waiting[0], id=access.time_ordered(), status=-1)
    access._waiting.append(wrong)
    assert access.flush() == 3
    assert len(found(Request)) == 2
    assert "was refused" in caplog.text
