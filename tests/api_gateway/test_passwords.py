"""A forgotten password, a changed one, and what ends with it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from platform_core.tenancy import company_in_force
from tests.api_gateway.asking import refused
from tests.api_gateway.people import ALICE, GOOD, me, pair, send
from users import passwords
from users.attempts import Attempt
from users.event_names import Event
from users.events import AuditEvent
from users.models import Company, User

NOBODY = "nobody@example.com"


def forgot(email: str = ALICE["email"], **more: Any) -> Any:
    return send("password/forgot", {"email": email}, **more)


def token_in(letter: Any) -> str:
    link = re.search(r"http\S+", letter.body.partition("once:")[2])
    assert link, letter.body
    return parse_qs(urlsplit(link[0]).query)["token"][0]


@pytest.fixture
def token(alice: Company, mailoutbox: list[Any]) -> str:
    """What Alice's link carries."""
    assert forgot().status_code == 202
    return token_in(mailoutbox.pop())


def reset(token: str, password: str = GOOD) -> Any:
    return send("password/reset", {"token": token, "password": password})


def signs_in(password: str) -> bool:
    return bool(send("token", {**ALICE, "password": password}).status_code == 200)


def test_the_mailed_link_gives_a_new_password_once(token: str) -> None:
    assert reset(token).status_code == 200
    assert signs_in(GOOD)
    assert not signs_in(ALICE["password"])
    refused(reset(token, "an0ther-Good-one"), 400, "invalid_token")


def test_the_link_leads_to_where_people_reach_us_whatever_the_host_header_says(
    alice: Company, mailoutbox: list[Any], settings: Any
) -> None:
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "https://p.example.com", ["*"]
    send("password/forgot", {"email": ALICE["email"]}, SERVER_NAME="evil.example")
    assert "https://p.example.com/password/reset/?token=" in mailoutbox[0].body
    assert "evil" not in mailoutbox[0].message().as_string()


def test_the_answer_and_its_work_are_the_same_for_an_unknown_address(
    alice: Company, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords.outbox, "run_due", lambda: 0)
    seen = []
    for email in (ALICE["email"], NOBODY):
        with CaptureQueriesContext(connections["default"]) as queries:
            answer = forgot(email)
        sql = [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries.captured_queries]
        seen.append((answer.status_code, answer.content, sql))
    assert seen[0] == seen[1]
    assert "users_user" not in str(seen)


def test_asking_is_in_the_audit_from_where_it_came_and_nobodys_act(alice: Company) -> None:
    forgot(REMOTE_ADDR="198.51.100.7")
    with company_in_force(alice.pk):
        event = AuditEvent.objects.get(act=Event.PASSWORD_RESET_ASKED)
    assert (event.address, event.asker, event.subject[:7]) == ("198.51.100.7", "", "person:")


def test_nobody_gets_a_letter_for_an_unknown_or_closed_account(alice: Company, mailoutbox: list[Any]) -> None:
    forgot(NOBODY)
    User.objects.update(is_active=False)
    forgot()
    assert mailoutbox == []


def test_the_letter_goes_to_the_kept_address_in_whichever_spelling_it_was_asked(
    alice: Company, mailoutbox: list[Any]
) -> None:
    forgot(" ALICE@Example.com")
    assert mailoutbox[0].to == [ALICE["email"]]


def test_letters_to_one_mailbox_are_few(alice: Company, mailoutbox: list[Any]) -> None:
    for _ in range(passwords.MOST_ASKED):
        assert forgot().status_code == 202
    answer = forgot()
    refused(answer, 429, "throttled")
    assert int(answer["Retry-After"]) > 3500
    assert forgot(NOBODY).status_code == 202
    for number in range(passwords.MOST_LETTERS):
        assert forgot(REMOTE_ADDR=f"198.51.100.{number}").status_code == 202
    assert len(mailoutbox) == passwords.MOST_LETTERS


def test_an_unknown_mailbox_is_limited_alike(db: None) -> None:
    assert [forgot(NOBODY).status_code for _ in range(passwords.MOST_ASKED + 1)][-2:] == [202, 429]


def test_a_link_lives_an_hour(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = passwords._links._now()
    for minutes, status in ((61, 400), (59, 200)):
        later = now + timedelta(minutes=minutes)
        monkeypatch.setattr(passwords._links, "_now", lambda later=later: later)
        assert reset(token).status_code == status
    assert django_settings.PASSWORD_RESET_TIMEOUT == 3600


def test_a_link_dies_with_the_next_sign_in(token: str) -> None:
    pair()
    refused(reset(token), 400, "invalid_token")


BAD_TOKENS = ["x", "1-x", "-", "1-", "0-x-y", "999999999-cx-" + "0" * 32, "9" * 400, "١-x-y", "1-é-é", "1--1-x-y"]


@pytest.mark.parametrize("wrong", BAD_TOKENS)
def test_a_made_up_link_is_refused(alice: Company, wrong: str) -> None:
    problems = refused(reset(wrong), 400, "invalid_token")
    assert problems[0]["attr"] == "token"


def test_one_persons_link_is_nobody_elses(token: str, bob: Company) -> None:
    other = User.objects.get(email="bob@example.com")
    refused(reset(f"{other.pk}-{token.partition('-')[2]}"), 400, "invalid_token")


def test_links_are_not_tried_without_end(alice: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "MOST_TRIED", 3)
    assert [reset("1-x-y").status_code for _ in range(4)] == [400, 400, 400, 429]


WEAK = ["short-1", "password123", "1234567890", "alice@example.com", "x" * 129]


@pytest.mark.parametrize("weak", WEAK)
def test_a_weak_password_is_named_and_costs_no_link(token: str, weak: str) -> None:
    problems = refused(reset(token, weak), 400)
    assert {problem["attr"] for problem in problems} == {"password"}
    assert reset(token).status_code == 200


def test_a_new_password_ends_every_other_session(alice: Company, token: str) -> None:
    browser = Client()
    browser.login(username=ALICE["email"], password=ALICE["password"])
    tokens = pair()
    forgotten = passwords.token_of(User.objects.get(email=ALICE["email"]))
    assert reset(forgotten).status_code == 200
    refused(me(tokens["access"]), 401, "password_changed")
    refused(send("token/refresh", {"refresh": tokens["refresh"]}), 401)
    refused(send("token/verify", {"token": tokens["access"]}), 401)
    assert browser.get("/").status_code == 302


def test_a_new_password_opens_a_locked_account(token: str) -> None:
    for _ in range(django_settings.AXES_FAILURE_LIMIT):
        signs_in("wrong")
    assert send("token", ALICE).status_code == 429
    assert reset(token).status_code == 200
    assert signs_in(GOOD)


def test_attempts_are_counted_for_an_hour(alice: Company) -> None:
    for _ in range(passwords.MOST_ASKED + 1):
        forgot()
    Attempt.objects.update(at=timezone.now() - timedelta(hours=1))
    assert forgot().status_code == 202
