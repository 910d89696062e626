"""Guessing is stopped where it happens, and only there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from platform_core.addresses import trusted
from tests.api_gateway.asking import refused
from users import lockout
from users.models import Company

TOKEN = "/api/auth/token/"
WHO = {"email": "alice@example.com", "password": "a-Long-pass-1"}
WRONG = {**WHO, "password": "wrong"}
LIMIT = django_settings.AXES_FAILURE_LIMIT


def send(body: Any = WHO, site: str = "198.51.100.1", **headers: str) -> Any:
    return Client(REMOTE_ADDR=site, headers=headers).post(TOKEN, body, content_type="application/json")


def fail(times: int = LIMIT, **more: Any) -> None:
    for _ in range(times):
        refused(send(WRONG, **more), 401, "no_active_account")


def test_after_five_failures_even_the_right_password_waits(alice: Company) -> None:
    fail()
    answer = send()
    refused(answer, 429, "throttled")
    assert 890 <= int(answer["Retry-After"]) <= 900
    refused(send(WRONG), 429, "throttled")


def test_the_person_signs_in_from_elsewhere_and_their_colleagues_from_there(alice: Company, bob: Company) -> None:
    fail()
    assert send(site="198.51.100.2").status_code == 200
    assert send({"email": "bob@example.com", "password": "b-Long-pass-2"}).status_code == 200
    refused(send(), 429)


def test_the_wait_ends_however_often_one_asks_meanwhile(alice: Company) -> None:
    fail()
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=10))
    answer = send(WRONG)
    assert 290 <= int(answer["Retry-After"]) <= 300
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
    assert send().status_code == 200


def test_a_right_password_forgets_the_failures_before(alice: Company) -> None:
    for _ in range(3):
        fail(LIMIT - 1)
        assert send().status_code == 200


def test_spellings_of_one_address_and_other_browsers_count_together(alice: Company) -> None:
    spellings = [
        "alice@example.com",
        "ALICE@example.com",
        " alice@Example.com",
        "ａlice@example.com",
        "Alice@example.com",
    ]
    for number, email in enumerate(spellings):
        refused(send({**WRONG, "email": email}, user_agent=f"browser {number}"), 401)
    refused(send(), 429)


def test_an_address_that_nobody_has_is_locked_alike(alice: Company) -> None:
    nobody = {"email": "nobody@example.com", "password": "x"}
    for _ in range(LIMIT):
        refused(send(nobody), 401, "no_active_account")
    refused(send(nobody), 429, "throttled")


def test_one_password_on_many_people_is_stopped_too(alice: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockout, "MOST_FROM_ONE_SITE", 6)
    for number in range(6):
        refused(send({"email": f"person{number}@example.com", "password": "x"}), 401)
    refused(send(), 429, "throttled")
    assert send(site="198.51.100.2").status_code == 200


def test_a_made_up_forwarded_address_changes_nothing(alice: Company) -> None:
    for number in range(LIMIT):
        refused(send(WRONG, x_forwarded_for=f"10.0.0.{number}"), 401)
    refused(send(x_forwarded_for="10.0.0.99"), 429)


def test_behind_a_trusted_proxy_people_are_told_apart(alice: Company, settings: Any) -> None:
    settings.PROXIES = trusted("1")
    fail(x_forwarded_for="203.0.113.1")
    refused(send(x_forwarded_for="203.0.113.1"), 429)
    assert send(x_forwarded_for="203.0.113.2").status_code == 200


def test_a_site_of_ipv6_does_not_escape_by_another_of_its_addresses(alice: Company) -> None:
    for number in range(LIMIT):
        refused(send(WRONG, site=f"2001:db8::{number + 1}"), 401)
    refused(send(site="2001:db8::99"), 429)
    assert send(site="2001:db8:1::1").status_code == 200


def test_nothing_that_was_typed_as_a_password_is_kept(alice: Company) -> None:
    send({"email": "my-Secret-pass-1", "password": "my-Secret-pass-1"})
    kept = str(list(AccessAttempt.objects.values()))
    assert AccessAttempt.objects.count() == 1
    assert "my-Secret-pass-1" not in kept
