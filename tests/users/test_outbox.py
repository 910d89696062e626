"""Errands are neither lost nor done twice: over failures, over two at once, over what was taken back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from psycopg import connect
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken

from users import outbox
from users.attempts import Attempt
from users.models import Company, User
from users.origin import asked_from
from users.outbox import Errand

done: list[Any] = []
CONSOLE = "django.core.mail.backends.console.EmailBackend"
IN_THREADS = pytest.mark.django_db(transaction=True)


def noted(payload: dict[str, Any]) -> None:
    done.append(payload["n"])


def failing(payload: dict[str, Any]) -> None:
    raise OSError("the mail server is away")


def dying(payload: dict[str, Any]) -> None:
    """What the database sees of a process that is killed: its connection is gone, in the middle of the errand."""
    with connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])


@pytest.fixture(autouse=True)
def _kinds(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EMAIL_BACKEND = CONSOLE
    monkeypatch.setattr(
        outbox, "KINDS", {"note": f"{__name__}.noted", "fail": f"{__name__}.failing", "die": f"{__name__}.dying"}
    )
    monkeypatch.setattr(outbox, "wake", lambda: None)
    done.clear()


def test_an_errand_is_done_once_and_gone(db: None) -> None:
    outbox.post(kind="note", payload={"n": 1})
    assert not done, "not within the request"
    assert (outbox.run_due(), outbox.run_due(), done) == (1, 0, [1])


def test_an_errand_acts_from_where_it_came(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(outbox.KINDS, "where", f"{__name__}.where")
    token = asked_from.set("198.51.100.7")
    outbox.post(kind="where", payload={})
    asked_from.reset(token)
    outbox.run_due()
    assert (done, asked_from.get()) == (["198.51.100.7"], "")


def where(payload: dict[str, Any]) -> None:
    done.append(asked_from.get())


def test_one_that_fails_waits_longer_each_time_and_does_not_stop_the_others(db: None) -> None:
    outbox.post(kind="fail", payload={})
    outbox.post(kind="note", payload={"n": 2})
    assert (outbox.run_due(), done) == (2, [2])
    first = Errand.objects.get()
    assert first.due_at > timezone.now()
    Errand.objects.update(due_at=timezone.now())
    outbox.run_due()
    assert Errand.objects.get().attempts == 2
    assert Errand.objects.get().due_at - timezone.now() > timedelta(seconds=outbox.FIRST_WAIT_S * 1.9)


def test_one_that_nobody_wants_any_more_is_dropped(db: None) -> None:
    outbox.post(kind="note", payload={"n": 3}, life=timedelta(seconds=-1))
    assert (outbox.run_due(), done, Errand.objects.count()) == (1, [], 0)


def test_what_has_run_out_is_tidied_away(alice: Company) -> None:
    person = User.objects.get()
    pair = [RefreshToken.for_user(person) for _ in range(2)]
    pair[0].blacklist()
    Attempt.objects.create(kind="x", mark="y")
    outbox.tidy()
    assert (OutstandingToken.objects.count(), Attempt.objects.count()) == (2, 1)
    past = timezone.now() - timedelta(days=2)
    OutstandingToken.objects.update(expires_at=past)
    Attempt.objects.update(at=past)
    outbox.tidy()
    assert (OutstandingToken.objects.count(), Attempt.objects.count()) == (0, 0)


@IN_THREADS
def test_what_is_taken_back_leaves_no_errand() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.post(kind="note", payload={"n": 4})
        raise ZeroDivisionError
    assert Errand.objects.count() == 0


@IN_THREADS
def test_what_a_killed_process_was_at_another_does() -> None:
    outbox.post(kind="die", payload={})
    with pytest.raises(DatabaseError):
        outbox.run_due()
    connection.close()
    assert Errand.objects.get().attempts == 0
    Errand.objects.update(kind="note", payload={"n": 6})
    assert (outbox.run_due(), done) == (1, [6])


@IN_THREADS
def test_two_processes_share_the_work_without_doing_it_twice() -> None:
    for number in range(20):
        outbox.post(kind="note", payload={"n": number})
    barrier = Barrier(4)

    def work(_: int) -> int:
        try:
            barrier.wait()
            return outbox.run_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(work, range(4))) == 20
    assert sorted(done) == list(range(20))


@IN_THREADS
def test_the_thread_does_it_once_the_transaction_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    came, real = Event(), outbox.run_due
    monkeypatch.setattr(outbox, "REST_S", 0.0)

    def told() -> int:
        try:
            return real()
        finally:
            came.set()

    monkeypatch.setattr(outbox, "run_due", told)
    monkeypatch.setattr(outbox, "wake", REAL_WAKE)
    with transaction.atomic():
        outbox.post(kind="note", payload={"n": 5})
        assert not came.wait(0.05)
    assert came.wait(5)
    outbox.stop()
    assert done == [5]


REAL_WAKE: Callable[[], None] = outbox.wake
