"""Who asks is known while a request lasts, and forgotten with it."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from tests.conftest import ApiClient
from users import asking
from users.keys import KeyHolder
from users.middleware import Asking
from users.models import Company, User


def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, str]]:
    """Who asked, and from where, whenever the list of models was answered."""
    found: list[tuple[Any, str]] = []
    from ml_services import selectors

    def overview() -> list[Any]:
        found.append((asking.now_asking.get(), asking.asked_from.get()))
        return []

    monkeypatch.setattr(selectors, "overview", overview)
    return found


def test_a_key_asks_in_its_own_name(alice: Company, alice_api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    found = seen(monkeypatch)
    assert alice_api.get("/api/models/", REMOTE_ADDR="192.0.2.4").status_code == 200
    (who, where), *_ = found
    assert (who.kind, who.company_id, where) == ("key", alice.pk, "192.0.2.4")
    assert who.mark == f"key:{who.id}"


def test_nobody_is_left_when_the_request_has_ended(alice: Company, alice_api: ApiClient) -> None:
    alice_api.get("/api/models/")
    assert asking.now_asking.get() is None
    assert asking.asked_from.get() == ""


def test_nobody_is_left_when_the_request_has_failed(alice: Company) -> None:
    def fails(request: Any) -> HttpResponse:
        asking.now_asking.set(asking.Asker("key", 1, "key 1", alice.pk))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Asking(fails)(RequestFactory().get("/"))
    assert asking.now_asking.get() is None


def test_people_and_keys_have_one_shape(alice: Company) -> None:
    person = User.objects.get(email="alice@example.com")
    assert asking.of(person, alice.pk) == asking.Asker("person", person.pk, "alice@example.com", alice.pk)
    assert asking.of(KeyHolder(3, alice.pk, frozenset(), None)) == asking.Asker("key", 3, "key 3", alice.pk)
    assert asking.of(None) is None
