"""What every request passes, and what only a page does."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from users.models import Company


@pytest.mark.parametrize("given", ["a", "req_1.2-3", "A" * 64])
def test_a_plain_id_of_the_caller_comes_back(given: str) -> None:
    assert Client().get("/healthz/", headers={"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "A" * 65, "a b", "a\r\nSet-Cookie: x=1", "é", "<script>"])
def test_any_other_id_is_replaced(given: str) -> None:
    answer = Client().get("/healthz/", headers={"X-Request-ID": given})
    assert re.fullmatch("[0-9a-f]{32}", answer["X-Request-ID"])


def test_a_page_has_a_policy_and_no_frame(db: None) -> None:
    answer = Client().get("/sign-in/")
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/healthz/", "/api/models/", "/api/nothing/"])
def test_an_answer_for_programs_may_load_nothing_and_sets_no_cookie(db: None, path: str) -> None:
    answer = Client().get(path)
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert not answer.cookies


def test_a_form_without_its_token_is_refused(alice: Company) -> None:
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "a", "password": "b"})
    assert answer.status_code == 403


def test_a_session_does_not_open_the_api(alice: Company) -> None:
    client = Client()
    client.login(username="alice@example.com", password="a-Long-pass-1")
    assert client.get("/").status_code == 200
    assert client.get("/api/models/").status_code == 401


@pytest.mark.parametrize(("path", "leads"), [("/sign-in", "/sign-in/"), ("/api/models", "/api/models/")])
def test_a_reader_without_the_last_slash_is_sent_on(path: str, leads: str, settings: Any) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"]) == (301, leads)
