"""Who asks: every garbled, forged, spent or missing credential is 401 in the one shape; a key without scope 403."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from tests.api_gateway.asking import refused
from tests.conftest import ApiClient
from tests.stored import changed
from users import keys
from users.models import ApiKey, Company, User


def ask(**headers: str) -> Any:
    return Client().get("/api/models/", headers={name.replace("_", "-"): value for name, value in headers.items()})


def token(company_slug: str = "alice", **changes: Any) -> str:
    access = AccessToken.for_user(User.objects.get(email=f"{company_slug}@example.com"))
    for name, value in changes.items():
        access[name] = value
    return str(access)


def unsigned(payload: dict[str, Any], algorithm: str = "none") -> str:
    parts = [{"alg": algorithm, "typ": "JWT"}, payload]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


def test_nobody_is_told_to_sign_in(db: None) -> None:
    answer = ask()
    refused(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"]


GARBLED = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer a b",
    "Basic YTpi",
    "x",
    "Token abc",
    "bearer",
    "Bearer é",
    "Bearer \xff.\xfe.\xfd",
]


@pytest.mark.parametrize("header", GARBLED)
def test_a_garbled_authorization_is_refused(alice: Company, header: str) -> None:
    refused(ask(Authorization=header), 401)


TOKENS = ["x", "a.b.c", "...", "e30.e30.e30", "é.é.é", "A" * 20_000, "eyJhbGciOiJIUzI1NiJ9..", "/w.e30.e30"]


@pytest.mark.parametrize("given", TOKENS)
def test_a_garbled_token_is_refused(alice: Company, given: str) -> None:
    refused(ask(Authorization=f"Bearer {given}"), 401)


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS256", "x"])
def test_an_unsigned_token_is_refused(alice: Company, algorithm: str) -> None:
    payload = dict(AccessToken(token()).payload)
    refused(ask(Authorization=f"Bearer {unsigned(payload, algorithm)}"), 401, "token_not_valid")


def test_an_expired_token_is_refused(alice: Company) -> None:
    past = int((timezone.now() - timedelta(hours=1)).timestamp())
    refused(ask(Authorization=f"Bearer {token(exp=past)}"), 401, "token_not_valid")


def test_the_scheme_may_be_in_any_case(alice: Company) -> None:
    assert ask(Authorization=f"bearer {token()}").status_code == 200


def test_a_person_without_a_company_is_refused(db: None) -> None:
    User.objects.create_user("loner@example.com", "a-Long-pass-1")
    refused(ask(Authorization=f"Bearer {token('loner')}"), 401, "no_company")


WRONG_KEYS = ["", "x", "pk_unknown", "pk_é", "\xff\xfe", "k" * 10_000, "pk_' OR 1=1 --"]


@pytest.mark.parametrize("key", WRONG_KEYS)
def test_a_wrong_key_is_refused(alice: Company, key: str) -> None:
    refused(ask(X_API_Key=key), 401, "invalid_key")


def test_a_revoked_key_is_refused_once_the_process_looks_again(alice: Company, alice_api: ApiClient) -> None:
    assert alice_api.get("/api/models/").status_code == 200
    changed(ApiKey, {}, revoked_at=timezone.now())
    keys.forget()
    refused(alice_api.get("/api/models/"), 401, "invalid_key")


def test_an_expired_key_is_refused_even_where_it_is_remembered(alice: Company, alice_api: ApiClient) -> None:
    changed(ApiKey, {}, expires_at=timezone.now() + timedelta(hours=1))
    assert alice_api.get("/api/models/").status_code == 200
    (mark, (until, holder)), *_ = keys._cache.items()
    assert holder is not None
    keys._cache[mark] = (until, keys.KeyHolder(1, alice.pk, holder.scopes, timezone.now()))
    refused(alice_api.get("/api/models/"), 401, "invalid_key")


def test_a_key_goes_before_a_token(alice: Company, alice_api: ApiClient) -> None:
    assert alice_api.get("/api/models/", headers={"Authorization": "Bearer x"}).status_code == 200
    refused(ask(X_API_Key="pk_wrong", Authorization=f"Bearer {token()}"), 401, "invalid_key")


@pytest.mark.parametrize(("scopes", "status"), [(["upload"], 403), ([], 403), (["models"], 200), (["admin"], 200)])
def test_a_key_needs_the_scope(alice: Company, scopes: list[str], status: int) -> None:
    answer = ApiClient(alice, scopes).get("/api/models/")
    assert answer.status_code == status
    if status == 403:
        refused(answer, 403, "permission_denied")
