"""A changed password, by one who knows the old one, and what ends with it; a link that comes several times at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection

from tests.api_gateway.asking import refused
from tests.api_gateway.people import ALICE, GOOD, me, pair, send
from users import passwords
from users.models import Company, User
from users.services import create_company


def change(token: str, old: str = ALICE["password"], new: str = GOOD) -> Any:
    return send("password/change", {"old_password": old, "new_password": new}, token)


def test_changing_the_password_ends_all_sessions_but_the_pair_it_gives(alice: Company) -> None:
    tokens, other = pair(), pair()
    answer = change(tokens["access"])
    assert answer.status_code == 200, answer.content
    assert me(answer.json()["access"]).status_code == 200
    assert send("token/refresh", {"refresh": answer.json()["refresh"]}).status_code == 200
    for old in (tokens, other):
        refused(me(old["access"]), 401, "password_changed")
        refused(send("token/refresh", {"refresh": old["refresh"]}), 401)
    assert send("token", {**ALICE, "password": GOOD}).status_code == 200


def test_the_person_is_told_of_a_changed_password(alice: Company, mailoutbox: list[Any]) -> None:
    change(pair()["access"])
    assert [(letter.to, "changed" in letter.subject) for letter in mailoutbox] == [([ALICE["email"]], True)]
    assert GOOD not in mailoutbox[0].message().as_string()


@pytest.mark.parametrize(
    ("old", "new", "attr"),
    [
        ("wrong", GOOD, "old_password"),
        (ALICE["password"], "short", "new_password"),
        (ALICE["password"], "password123", "new_password"),
        (ALICE["password"], ALICE["password"], "new_password"),
        (ALICE["password"], "", "new_password"),
        (ALICE["password"], None, "new_password"),
    ],
)
def test_a_wrong_change_is_named_and_changes_nothing(alice: Company, old: Any, new: Any, attr: str) -> None:
    token = pair()["access"]
    assert {problem["attr"] for problem in refused(change(token, old, new), 400)} == {attr}
    assert me(token).status_code == 200


def test_a_stolen_token_does_not_guess_the_password(alice: Company) -> None:
    token = pair()["access"]
    for _ in range(django_settings.AXES_FAILURE_LIMIT):
        refused(change(token, "wrong"), 400)
    refused(change(token), 429, "throttled")


@pytest.mark.django_db(transaction=True)
def test_a_link_that_is_used_four_times_at_once_works_once() -> None:
    create_company(name="Alice's", slug="alice", owner_email=ALICE["email"], password=ALICE["password"])
    token = passwords.token_of(User.objects.get())
    barrier = Barrier(4)

    def ask(number: int) -> int:
        try:
            barrier.wait()
            return int(send("password/reset", {"token": token, "password": f"{GOOD}-{number}"}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(ask, range(4))) == [200, 400, 400, 400]
