"""The last use of a key: noted in memory, written once a minute for all keys, and when the process ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.stored import changed, found
from tests.users.key_processes import elsewhere, made
from users import key_use, keys
from users.models import ApiKey, Company


def last_used(row: ApiKey) -> Any:
    return found(ApiKey, pk=row.pk)[0].last_used_at


def test_the_last_use_of_many_keys_is_one_write(alice: Company, bob: Company, django_assert_num_queries: Any) -> None:
    pairs = [made(company) for company in (alice, alice, bob)]
    for _ in range(5):
        for _, secret in pairs:
            keys.recognise(secret)
    assert {last_used(row) for row, _ in pairs} == {None}
    with django_assert_num_queries(1):
        assert key_use.flush() == 3
    assert all(timezone.now() - last_used(row) < timedelta(seconds=20) for row, _ in pairs)
    with django_assert_num_queries(0):
        assert key_use.flush() == 0


def test_a_later_use_written_by_another_process_stays(alice: Company) -> None:
    row, secret = made(alice)
    later = timezone.now() + timedelta(minutes=5)
    keys.recognise(secret)
    changed(ApiKey, {"pk": row.pk}, last_used_at=later)
    key_use.flush()
    assert last_used(row) == later


def test_a_wrong_key_is_no_use(alice: Company) -> None:
    row, _ = made(alice)
    keys.recognise("pk_unknown")
    assert key_use.flush() == 0
    assert last_used(row) is None


def test_what_cannot_be_written_is_kept_for_later(alice: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    row, secret = made(alice)
    keys.recognise(secret)
    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", lambda: (_ for _ in ()).throw(key_use.Error))
        assert key_use.flush() == 0
    assert key_use.flush() == 1
    assert last_used(row) is not None


def test_one_timer_waits_however_many_uses(alice: Company) -> None:
    for _ in range(3):
        keys.recognise(made(alice)[1])
    ((_, timer),) = key_use._waiting
    assert timer.interval == key_use.FLUSH_S == 60
    assert timer.daemon


def test_a_process_that_ends_writes_what_it_noted(transactional_db: None, alice: Company) -> None:
    row, secret = made(alice)
    process = elsewhere("assert keys.recognise(key)\n", secret)
    _, trouble = process.communicate(timeout=60)
    assert process.returncode == 0, trouble
    assert last_used(row) is not None
