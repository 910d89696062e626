"""Signing in: a pair for e-mail and password, a new pair once, and nothing for a person who may not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken

from platform_core.tenancy import installation_wide
from tests.api_gateway.asking import refused
from users.event_names import Event
from users.events import AuditEvent
from users.models import Company, User
from users.services import create_company

TOKEN, REFRESH, VERIFY = "/api/auth/token/", "/api/auth/token/refresh/", "/api/auth/token/verify/"
LOGOUT = "/api/auth/logout/"
WHO = {"email": "alice@example.com", "password": "a-Long-pass-1"}


def send(path: str, body: Any) -> Any:
    return Client().post(path, body, content_type="application/json")


@pytest.fixture
def pair(alice: Company) -> dict[str, str]:
    """Alice's tokens."""
    return dict(send(TOKEN, WHO).json())


def models(token: str) -> Any:
    return Client().get("/api/models/", headers={"Authorization": f"Bearer {token}"})


def test_a_token_opens_the_api_and_a_refresh_token_does_not(pair: dict[str, str]) -> None:
    assert models(pair["access"]).status_code == 200
    refused(models(pair["refresh"]), 401, "token_not_valid")


def test_the_address_may_be_in_any_case(alice: Company) -> None:
    assert send(TOKEN, {**WHO, "email": "ALICE@Example.com"}).status_code == 200


@pytest.mark.parametrize("body", [{**WHO, "password": "wrong"}, {**WHO, "email": "nobody@example.com"}])
def test_a_wrong_password_and_an_unknown_person_are_told_the_same(alice: Company, body: dict[str, str]) -> None:
    refused(send(TOKEN, body), 401, "no_active_account")


BAD = [
    {},
    [],
    None,
    "x",
    3,
    {"email": None, "password": 1},
    {"email": "a\0b", "password": "x"},
    {"email": {}},
    {"email": ["x"]},
]


@pytest.mark.parametrize("body", BAD)
@pytest.mark.parametrize("path", [TOKEN, REFRESH, VERIFY, LOGOUT])
def test_what_is_no_pair_of_texts_is_refused(db: None, path: str, body: Any) -> None:
    refused(send(path, body), 400)


def test_a_refresh_token_works_once(pair: dict[str, str]) -> None:
    first = send(REFRESH, {"refresh": pair["refresh"]})
    assert models(first.json()["access"]).status_code == 200
    refused(send(REFRESH, {"refresh": pair["refresh"]}), 401, "token_not_valid")
    refused(send(VERIFY, {"token": pair["refresh"]}), 401, "token_not_valid")
    assert send(VERIFY, {"token": first.json()["refresh"]}).status_code == 200


def spent_long_ago() -> None:
    BlacklistedToken.objects.update(blacklisted_at=timezone.now() - timedelta(minutes=2))


def test_a_refresh_token_in_two_hands_ends_its_session_and_no_other(pair: dict[str, str]) -> None:
    other = send(TOKEN, WHO).json()
    thiefs = send(REFRESH, {"refresh": pair["refresh"]}).json()
    thiefs = send(REFRESH, {"refresh": thiefs["refresh"]}).json()
    spent_long_ago()
    refused(send(REFRESH, {"refresh": pair["refresh"]}), 401, "token_not_valid")
    refused(send(REFRESH, {"refresh": thiefs["refresh"]}), 401, "token_not_valid")
    assert send(REFRESH, {"refresh": other["refresh"]}).status_code == 200
    with installation_wide():
        assert AuditEvent.across_companies.filter(act=Event.TOKEN_REUSED).count() == 1


def test_a_retry_within_a_minute_ends_nothing(pair: dict[str, str]) -> None:
    new = send(REFRESH, {"refresh": pair["refresh"]}).json()
    refused(send(REFRESH, {"refresh": pair["refresh"]}), 401, "token_not_valid")
    assert send(REFRESH, {"refresh": new["refresh"]}).status_code == 200


def test_a_forged_token_of_a_session_ends_nothing(pair: dict[str, str]) -> None:
    forged = ".".join([*pair["refresh"].split(".")[:2], "A" * 43])
    send(REFRESH, {"refresh": pair["access"]})
    refused(send(REFRESH, {"refresh": forged}), 401, "token_not_valid")
    assert send(REFRESH, {"refresh": pair["refresh"]}).status_code == 200


def test_a_deleted_persons_tokens_are_invalid(pair: dict[str, str]) -> None:
    with installation_wide():  # their memberships go with them
        User.objects.filter(email=WHO["email"]).delete()
    refused(models(pair["access"]), 401)
    refused(send(REFRESH, {"refresh": pair["refresh"]}), 401)


def test_an_inactive_persons_tokens_are_invalid(pair: dict[str, str]) -> None:
    User.objects.filter(email=WHO["email"]).update(is_active=False)
    refused(models(pair["access"]), 401)
    refused(send(REFRESH, {"refresh": pair["refresh"]}), 401)
    refused(send(TOKEN, WHO), 401)


def test_a_changed_password_ends_the_old_tokens(pair: dict[str, str]) -> None:
    user = User.objects.get(email=WHO["email"])
    user.set_password("another-Long-1")
    user.save()
    refused(models(pair["access"]), 401)


def test_a_password_may_begin_and_end_with_a_space(alice: Company) -> None:
    user = User.objects.get(email=WHO["email"])
    user.set_password(" a-Long-pass-1 ")
    user.save()
    assert send(TOKEN, {**WHO, "password": " a-Long-pass-1 "}).status_code == 200
    refused(send(TOKEN, WHO), 401)


def test_signing_out_spends_the_refresh_token(pair: dict[str, str]) -> None:
    assert send(LOGOUT, {"refresh": pair["refresh"]}).status_code == 200
    refused(send(REFRESH, {"refresh": pair["refresh"]}), 401, "token_not_valid")
    refused(send(LOGOUT, {"refresh": "x"}), 401, "token_not_valid")


@pytest.mark.django_db(transaction=True)
def test_a_refresh_token_that_comes_four_times_at_once_works_once() -> None:
    create_company(name="Alice's", slug="alice", owner_email=WHO["email"], password=WHO["password"])
    refresh = send(TOKEN, WHO).json()["refresh"]

    def ask(_: int) -> int:
        try:
            return int(send(REFRESH, {"refresh": refresh}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(ask, range(4))) == [200, 401, 401, 401]
