"""A line of the log: whole, of one request, without secrets, and never two."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import Client

from platform_core import logs
from platform_core.middleware import size_of
from tests.conftest import ApiClient
from users.models import Company

KEY = "pk_Abc-def_ghijklmnopqrstuvwxyz0123456789ABCDE"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoxfQ.c2lnbmF0dXJl-_x"


@pytest.fixture
def lines() -> Iterator[Any]:
    """What the loggers write, as JSON objects."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonLine())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)

    def written() -> list[dict[str, Any]]:
        return [json.loads(line) for line in stream.getvalue().splitlines()]

    yield written
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.mark.parametrize(
    "text",
    [
        f"the key {KEY} was sent",
        f"X-API-Key: {KEY}",
        "checked with whsec_secret-very-secret",
        f"token {JWT} refused",
        f"Authorization: Bearer {JWT}",
        f'{{"access": "{JWT}"}}',
        "Authorization: Basic c2VjcmV0OnZlcnktc2VjcmV0",
        "password=secret-very-secret&x=1",
        '{"password": "secret-very-secret \\" more-secret"}',
        "{'new_password': 'secret-very-secret'}",
        "DB_PASSWORD: secret-very-secret",
        "refresh_token=secret-very-secret",
        "postgresql://app:secret-very-secret@db.example.com:5432/app",
        "Cookie: sessionid=secret-very-secret; csrftoken=secret-very-secret",
        "AWS_SECRET_ACCESS_KEY=secret-very-secret",
        "duplicate key\nDETAIL:  Key (email)=(secret-very-secret@example.com) already exists.",
    ],
)
def test_a_secret_is_hidden(text: str, lines: Any) -> None:
    log = logging.getLogger("some")
    log.warning("%s", text)
    log.error("it failed", exc_info=ValueError(text))
    written = json.dumps(lines())
    for secret in (KEY[3:], JWT.split(".")[1], "secret-very-secret", "more-secret", "c2VjcmV0"):
        assert secret not in written
    assert logs.HIDDEN in written
    assert lines()[1]["traceback"].startswith("ValueError")


@pytest.mark.parametrize("text", ["pk_uZ6Oab… was revoked", "37 tokens of text", "churn: 3 rows", "at 10:30:00"])
def test_plain_words_stay(text: str) -> None:
    assert logs.redacted(text) == text


def test_the_installations_own_secrets_are_hidden_wherever_they_are(settings: Any) -> None:
    assert settings.SECRET_KEY not in logs.redacted(f"x{settings.SECRET_KEY}y")


def test_no_text_can_begin_a_new_line_or_move_the_cursor(lines: Any) -> None:
    forged = 'a\n{"level": "info"}\r\x1b[2J\x00\u2028\u202e\x85b'
    logging.getLogger("some").warning("%s", forged)
    assert [line["message"] for line in lines()] == [forged]


def test_a_line_is_ascii_and_one() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, "ü\n\u2028\x9b", (), None)
    line = logs.JsonLine().format(record)
    assert line.isascii()
    assert line.isprintable()


def test_a_very_long_text_is_cut() -> None:
    assert len(logs.redacted("password" * 1_000_000)) < logs.LONGEST_TEXT + 100


def test_a_text_whose_arguments_do_not_fit_is_told_without_them() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, "%d rows", ("secret-very-secret",), None)
    assert json.loads(logs.JsonLine().format(record))["message"] == "%d rows (its arguments do not fit)"


def test_what_ends_a_thread_is_a_line_too(lines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    logs.take_all()
    logging.captureWarnings(False)

    def fail() -> None:
        raise ValueError(f"password={KEY}")

    thread = threading.Thread(target=fail, name="the-thread")
    thread.start()
    thread.join()
    (line,) = lines()
    assert (line["level"], line["message"]) == ("critical", "the-thread ended")
    assert KEY not in line["traceback"]


def test_a_request_has_one_line_with_who_and_how(alice: Company, alice_api: ApiClient, lines: Any) -> None:
    alice_api.get("/api/models/?page=1&token=abcdefghijk", headers={"X-Request-ID": "mine"})
    (line,) = [line for line in lines() if line["logger"] == "access"]
    assert line["request_id"] == "mine"
    assert line["company"] == alice.pk
    assert line["asker"].startswith("key:")
    assert (line["method"], line["path"], line["route"], line["status"]) == ("GET", "/api/models/", "models", 400)
    assert line["bytes"] > 0
    assert line["ms"] > 0
    assert "abcdefghijk" not in json.dumps(lines())


def test_a_streamed_answers_line_says_how_long_it_is() -> None:
    streamed = StreamingHttpResponse([b"abc"])
    assert size_of(streamed) is None
    streamed.headers["Content-Length"] = "3"
    assert size_of(streamed) == 3


def test_a_pages_line_says_whose_it_was(alice: Company, lines: Any) -> None:
    client = Client()
    client.login(username="alice@example.com", password="a-Long-pass-1")
    client.get("/")
    (line,) = [line for line in lines() if line["logger"] == "access"]
    assert line["company"] == alice.pk
    assert line["asker"].startswith("person:")


def test_nobodys_request_names_nobody_and_a_good_probe_is_not_worth_a_line(lines: Any, alice_api: ApiClient) -> None:
    alice_api.get("/api/models/")
    Client().get("/nothing/%0a%7b%22level%22%3a%22info%22%7d")
    Client().get("/healthz/")
    named, unnamed = [line for line in lines() if line["logger"] == "access"]
    assert "asker" in named
    assert not {"asker", "company"} & unnamed.keys()
    assert unnamed["status"] == 404
