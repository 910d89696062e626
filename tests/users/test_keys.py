"""Keys: recognised without a query, ended everywhere within seconds, and never a flood of what is kept."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from platform_core.tenancy import company_in_force
from tests.stored import changed, found
from users import key_making, key_use, keys
from users.models import ApiKey, Company

ROOT = Path(__file__).parent.parent.parent


def made(company: Company, **more: Any) -> tuple[ApiKey, str]:
    return keys.create(company=company, name="test", scopes=["predict"], **more)


def test_a_key_holds_256_bits_and_only_its_hash_is_kept(alice: Company) -> None:
    row, secret = made(alice)
    assert len(secret.removeprefix(keys.MARK)) == 43
    kept = str(found(ApiKey)[0].__dict__)
    assert row.prefix == secret[:10]
    assert row.hash == keys.digest(secret)
    assert secret not in kept
    assert secret[11:] not in kept


def test_the_hash_depends_on_the_installations_secret(settings: Any) -> None:
    before = keys.digest("pk_x")
    settings.SECRET_KEY = "another"
    assert keys.digest("pk_x") != before


def test_a_hit_costs_no_query(alice: Company, django_assert_num_queries: Any) -> None:
    _, secret = made(alice)
    with django_assert_num_queries(1):
        assert keys.recognise(secret)
    with django_assert_num_queries(0):
        assert keys.recognise(secret)


def test_what_is_no_key_costs_one_query_or_none(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert keys.recognise("pk_unknown") is None
        assert keys.recognise("pk_unknown") is None
    with django_assert_num_queries(0):
        for wrong in ("", "x", "unknown", "pk_" + "x" * 198, "pk_é", "PK_unknown"):
            assert keys.recognise(wrong) is None


def test_a_row_found_by_another_hash_is_not_believed(alice: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    _, secret = made(alice)
    changed(ApiKey, {}, hash=keys.digest("pk_another"))
    monkeypatch.setattr(ApiKey.across_companies, "filter", lambda **_: ApiKey.across_companies.all())
    assert keys.recognise(secret) is None


def test_made_up_keys_push_nobodys_out_and_are_kept_in_bounds(
    alice: Company, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(keys, "CACHE_SIZE", 10)
    _, secret = made(alice)
    keys.recognise(secret)
    for number in range(35):
        keys.recognise(f"pk_{number}")
    assert len(keys._unknown) <= 10
    with django_assert_num_queries(0):
        assert keys.recognise(secret)


def test_known_keys_are_kept_in_bounds(alice: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "CACHE_SIZE", 3)
    for _ in range(7):
        assert keys.recognise(made(alice)[1])
    assert len(keys._cache) <= 3


def test_revoking_ends_a_key_here_at_once(alice: Company, django_capture_on_commit_callbacks: Any) -> None:
    row, secret = made(alice)
    assert keys.recognise(secret)
    with django_capture_on_commit_callbacks(execute=True), company_in_force(alice.pk):
        key_making.revoke(key_id=row.pk)
    assert keys.recognise(secret) is None


@pytest.mark.parametrize("since", ["cached", "never seen"])
def test_revoking_elsewhere_ends_a_key_within_five_seconds(
    alice: Company, monkeypatch: pytest.MonkeyPatch, since: str
) -> None:
    row, secret = made(alice)
    now = [1000.0]
    monkeypatch.setattr(keys.time, "monotonic", lambda: now[0])
    if since == "cached":
        assert keys.recognise(secret)
    changed(ApiKey, {"pk": row.pk}, revoked_at=timezone.now())
    now[0] += 4.99
    assert keys.recognise(secret) is None


def test_a_key_that_expires_is_refused_from_that_moment(alice: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = timezone.now() + timedelta(hours=1)
    _, secret = made(alice, expires_at=moment)
    assert keys.recognise(secret)
    monkeypatch.setattr(keys.timezone, "now", lambda: moment)
    assert keys.recognise(secret) is None


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
    script = (
        "import os, sys, django\n"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'platform_core.settings'\n"
        "django.setup()\n"
        "from django.db import connection\n"
        f"connection.settings_dict['NAME'] = {connection.settings_dict['NAME']!r}\n"
        "from users import keys\n"
        "assert keys.recognise(sys.stdin.read())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, input=secret, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert last_used(row) is not None
