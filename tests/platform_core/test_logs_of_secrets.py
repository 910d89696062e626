"""A day of somebody who handles secrets, with everything logged: none of them is in the log."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from platform_core import logs
from tests.api_gateway.people import ALICE, GOOD, me, pair, send
from tests.api_gateway.test_passwords import forgot, reset, token_in
from users.models import Company


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged, from DEBUG on, as it would be written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonLine())
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def test_none_of_a_days_secrets_is_in_the_log(alice: Company, mailoutbox: list[Any], log: io.StringIO) -> None:
    tokens = pair(ALICE)
    browser = Client()
    browser.post("/sign-in/", {"username": ALICE["email"], "password": ALICE["password"]})
    owner = Client(headers={"Authorization": f"Bearer {tokens['access']}"})
    made = owner.post("/api/keys/", {"name": "shop", "scopes": ["predict"]}, content_type="application/json")
    assert made.status_code == 201
    key = next(value for value in made.json().values() if str(value).startswith("pk_") and len(str(value)) > 20)
    Client(headers={"X-API-Key": key}).get("/api/models/churn/schema/")
    Client(headers={"X-API-Key": f"{key}x"}).get(f"/api/models/?key={key}")
    Client().get(f"/wrong/{key}/{tokens['access']}/")
    send("token", {**ALICE, "password": "wr0ng-Password-typed"})
    send("token/refresh", {"refresh": tokens["refresh"]})
    me(f"{tokens['access']}x")
    forgot()
    link = token_in(mailoutbox.pop())
    browser.get(f"/password/reset/?token={link}")
    assert reset(link).status_code == 200
    browser.post("/sign-in/", {"username": ALICE["email"], "password": GOOD})
    secrets = [
        key[3:], *tokens.values(), *(part for token in tokens.values() for part in token.split(".")[1:]), link, GOOD,
        ALICE["password"], "wr0ng-Password-typed", browser.cookies["sessionid"].value,
    ]  # fmt: skip
    written = log.getvalue()
    assert "/api/keys/" in written
    assert [secret[:12] for secret in secrets if secret in written] == []
