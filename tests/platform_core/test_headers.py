"""The headers of every answer, and what no caller can do to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from platform_core.middleware import EVERYWHERE
from users.models import Company

SAMPLES = {"int": "1", "slug": "churn", "str": "x", "uuid": "4b54a04f-04e1-4961-90de-29778a96ad70", "path": "x"}
NAMES = (
    "page", "page_size", "act", "asker", "day", "since", "until", "predictor", "version", "external_id", "token",
    "email", "password", "next", "company", "name", "status", "method", "action",
)  # fmt: skip
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


def paths(patterns: Any, before: str = "/") -> Iterator[str]:
    """A path of each route."""
    for pattern in patterns:
        route = before + str(getattr(pattern.pattern, "_route", ""))
        if isinstance(pattern, URLResolver):
            yield from paths(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES[found.group(1) or "str"], route)


ALL_PATHS = sorted({*paths(get_resolver().url_patterns), "/nothing/", "/api/nothing/", "/static/nothing.js"})


@pytest.fixture
def operator(db: None) -> Client:
    """The installation's operator, signed in."""
    client = Client(raise_request_exception=False)
    client.force_login(get_user_model().objects.create_superuser("root@example.com", "r-Long-pass-3"))
    return client


@pytest.fixture
def alices(alice: Company) -> Client:
    """Alice's browser."""
    client = Client(raise_request_exception=False)
    assert client.login(username="alice@example.com", password="a-Long-pass-1")
    return client


def careful(answer: Any) -> None:
    assert answer.status_code != 500
    for name, value in EVERYWHERE.items():
        assert answer[name] == value
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy or "script-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert answer["X-Request-ID"]
    assert answer["Cache-Control"]
    for name in ("Access-Control-Allow-Origin", "X-Powered-By"):
        assert name not in answer
    for cookie in answer.cookies.values():
        assert cookie["samesite"] == "Lax"
        assert cookie["httponly"] or cookie["max-age"] == 0


@pytest.mark.parametrize("path", ALL_PATHS)
def test_every_answer_has_them(path: str, operator: Client) -> None:
    stranger = Client(raise_request_exception=False, headers={"Origin": "https://evil.example"})
    for client in (stranger, operator):
        for method in ("get", "post", "options", "delete"):
            careful(getattr(client, method)(path))


@pytest.mark.parametrize("path", ALL_PATHS)
def test_no_page_has_an_inline_script_or_style(path: str, operator: Client) -> None:
    answer = operator.get(path)
    if answer.get("Content-Type", "").startswith("text/html"):
        assert INLINE.findall(answer.content.decode()) == []


@pytest.mark.parametrize("path", [path for path in ALL_PATHS if not path.startswith("/api/")])
@pytest.mark.parametrize("value", ["%00", "-1", "%F0%9F%98%80" * 300, "9" * 40, "%ED%A0%80", "../../etc/passwd"])
def test_no_odd_value_of_a_query_or_form_breaks_a_page(path: str, value: str, alices: Client) -> None:
    query = "&".join(f"{name}={value}" for name in NAMES)
    careful(alices.get(f"{path}?{query}"))
    careful(alices.post(path, query, content_type="application/x-www-form-urlencoded"))


@pytest.mark.parametrize("leads", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_to_nowhere_else(leads: str, alice: Company) -> None:
    given = {"username": "alice@example.com", "password": "a-Long-pass-1", "next": leads}
    answer = Client().post("/sign-in/", given)
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "a b", "localhost:80:80", "é.example"])
def test_another_host_is_refused_and_not_repeated(host: str, db: None) -> None:
    for path in ("/sign-in/", "/api/models/", "/sign-in"):
        answer = Client(headers={"Host": host}).get(path)
        assert answer.status_code == 400
        assert "evil" not in answer.content.decode() + str(answer.headers)
        careful(answer)


def test_a_forwarded_host_is_not_believed(alice: Company) -> None:
    answer = Client(headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}).get("/")
    assert answer["Location"].startswith("/sign-in/")


def test_a_probe_may_ask_by_any_name(db: None) -> None:
    assert Client(headers={"Host": "10.1.2.3:8000"}).get("/healthz/").status_code == 200
    assert Client(headers={"Host": "10.1.2.3:8000"}).get("/readyz/").status_code == 200


def preflight(origin: str) -> Any:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}
    return Client(headers=asked).options("/api/predict/churn/")


def test_other_origins_browsers_are_told_nothing() -> None:
    assert not [name for name in preflight("https://shop.example").headers if name.startswith("Access-Control")]


def test_a_listed_origins_browsers_may_call_with_a_key_and_without_cookies(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]
    answer = preflight("https://shop.example")
    assert answer["Access-Control-Allow-Origin"] == "https://shop.example"
    assert "x-api-key" in answer["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer
    for other in ("https://shop.example.evil.example", "http://shop.example", "null"):
        assert "Access-Control-Allow-Origin" not in preflight(other)
    page = Client(headers={"Origin": "https://shop.example"}).get("/healthz/")
    assert "Access-Control-Allow-Origin" not in page


@pytest.mark.parametrize("name", ["X-Request-ID", "Origin", "X-API-Key", "Idempotency-Key", "Accept-Language"])
def test_no_header_of_a_caller_can_add_one(name: str, db: None) -> None:
    answer = Client(headers={name: "a\r\nSet-Cookie: stolen=1\r\n\r\n<script>"}).get("/api/models/")
    assert not answer.cookies
    assert "stolen" not in str(answer.headers)


def test_no_path_can_add_a_header(db: None) -> None:
    for path in (
        "/sign-in%0d%0aSet-Cookie:%20stolen=1",
        "//evil.example/..",
        "/sign-in/?next=//evil.example/%0d%0aA:b",
    ):
        answer = Client().get(path)
        assert "stolen" not in str(answer.headers)
        assert not answer.get("Location", "").startswith(("//", "http"))


def test_the_admin_is_for_staff_alone(alice: Company) -> None:
    client = Client()
    for _ in range(2):
        answer = client.get("/admin/")
        assert (answer.status_code, answer["Location"]) == (302, "/admin/login/?next=/admin/")
        client.login(username="alice@example.com", password="a-Long-pass-1")
