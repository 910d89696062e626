"""Keys: recognised without a query, ended everywhere within seconds, and never a flood of what is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from platform_core.tenancy import company_in_force
from tests.stored import changed, found
from tests.users.key_processes import elsewhere, made
from users import key_making, keys
from users.models import ApiKey, Company


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


@pytest.mark.slow
def test_another_process_refuses_a_revoked_key_within_five_seconds(transactional_db: None, alice: Company) -> None:
    row, secret = made(alice)
    script = (
        "assert keys.recognise(key)\n"
        "print('known', flush=True)\n"
        "sys.stdin.readline()\n"
        "revoked = time.monotonic()\n"
        "while keys.recognise(key): time.sleep(0.02)\n"
        "print(time.monotonic() - revoked)\n"
    )
    process = elsewhere(script, secret)
    assert process.stdout
    assert process.stdout.readline() == "known\n"
    with company_in_force(alice.pk):
        key_making.revoke(key_id=row.pk)
    told, trouble = process.communicate("revoked\n", timeout=60)
    assert process.returncode == 0, trouble
    assert 0 < float(told) < 5
