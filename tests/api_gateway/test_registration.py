"""Registering: a person and a company at once, once for each mailbox."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from platform_core.tenancy import installation_wide
from tests.api_gateway.asking import refused
from tests.api_gateway.people import GOOD, me, pair, send
from users import audit, registration
from users.events import AuditEvent
from users.models import Company, Membership, User

NEW = {"email": "ann@example.com", "password": GOOD, "full_name": "Ann Example", "company_name": "Ann's Shop"}


def register(**changes: Any) -> Any:
    return send("register", {name: value for name, value in {**NEW, **changes}.items() if value is not None})


def test_registering_makes_a_person_a_company_and_a_pair(db: None) -> None:
    answer = register(currency="EUR", time_zone="Europe/Berlin")
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["company"]["name"], body["company"]["slug"], body["company"]["role"]) == (
        "Ann's Shop",
        "anns-shop",
        "owner",
    )
    assert body["user"]["email"] == "ann@example.com"
    assert body["user"]["full_name"] == "Ann Example"
    assert body["user"]["companies"] == [body["company"]] == [body["user"]["company"]]
    assert me(body["access"]).json() == body["user"]
    assert send("token/refresh", {"refresh": body["refresh"]}).status_code == 200
    with installation_wide():
        company = Company.objects.get()
        assert (company.currency, company.time_zone) == ("EUR", "Europe/Berlin")
        acts = set(AuditEvent.across_companies.filter(company_id=company.pk).values_list("act", "asker"))
    mark = f"person:{body['user']['id']}"
    assert acts == {(audit.Event.REGISTERED, mark), (audit.Event.COMPANY_CREATED, mark)}


def test_a_password_and_a_company_suffice(db: None) -> None:
    assert register(full_name=None).status_code == 201
    assert pair({"email": "ANN@example.com", "password": GOOD})


def test_the_new_owner_gets_a_letter(db: None, mailoutbox: list[Any]) -> None:
    register()
    assert [letter.to for letter in mailoutbox] == [["ann@example.com"]]
    assert "Ann's Shop" in mailoutbox[0].subject


TAKEN = ["ann@example.com", "ANN@EXAMPLE.COM", "ａｎｎ@example.com", " ann@example.com"]


@pytest.mark.parametrize("email", TAKEN)
def test_one_mailbox_registers_once(db: None, email: str) -> None:
    register()
    problems = refused(register(email=email), 409, "conflict")
    assert problems[0]["attr"] == "email"
    with installation_wide():
        assert (User.objects.count(), Company.objects.count()) == (1, 1)


def test_a_domain_in_either_dress_is_one(db: None) -> None:
    assert register(email="ann@bücher.example").status_code == 201
    refused(register(email="ann@xn--bcher-kva.example"), 409)


BAD_FIELDS = [
    ("email", None, "required"),
    ("email", "", "invalid"),
    ("email", "ann", "invalid"),
    ("email", "ann@example.com\nBcc: eve@example.com", "invalid"),
    ("email", "ann@example.com\r\n", "invalid"),
    ("email", "ann\0@example.com", "invalid"),
    ("email", "a" * 100_000 + "@example.com", "invalid"),
    ("email", ["ann@example.com"], "wrong_type"),
    ("password", None, "required"),
    ("password", "", "required"),
    ("password", "short-1", "invalid"),
    ("password", "password123", "invalid"),
    ("password", "ann@example.com", "invalid"),
    ("password", "Ann-Example", "invalid"),
    ("password", "x" * 129, "too_long"),
    ("password", f"{GOOD}\0", "invalid"),
    ("password", 12345678, "wrong_type"),
    ("company_name", None, "required"),
    ("company_name", " ", "required"),
    ("company_name", "A\nB", "invalid"),
    ("company_name", "x" * 201, "too_long"),
    ("full_name", "A\0", "invalid"),
    ("currency", "XXY", "not_a_choice"),
    ("currency", "eur", "not_a_choice"),
    ("time_zone", "Mars/Base", "not_a_choice"),
    ("is_staff", True, "unknown"),
]


@pytest.mark.parametrize(("field", "value", "code"), BAD_FIELDS, ids=lambda value: repr(value)[:30])
def test_a_wrong_field_is_named_and_nothing_is_made(db: None, field: str, value: Any, code: str) -> None:
    problems = refused(register(**{field: value}), 400, code)
    assert {problem["attr"] for problem in problems} == {field}
    assert User.objects.count() == 0


def test_companies_of_one_name_get_slugs_of_their_own(db: None) -> None:
    names = ["Shop", "shop", "SHOP!", "فروشگاه", "店", "Demo", "---"]
    slugs = [
        register(email=f"p{number}@example.com", company_name=name).json()["company"]["slug"]
        for number, name in enumerate(names)
    ]
    assert slugs == ["shop", "shop-2", "shop-3", "company", "company-2", "demo-2", "company-3"]


def test_a_closed_installation_takes_nobody(db: None, settings: Any) -> None:
    settings.REGISTRATION_OPEN = False
    refused(register(), 403, "registration_closed")


def test_one_site_does_not_register_without_end(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registration, "MOST_FROM_ONE_SITE", 2)
    for number in range(2):
        register(email=f"p{number}@example.com")
    answer = register()
    refused(answer, 429, "throttled")
    assert int(answer["Retry-After"]) > 3500


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("emails", [["ann@example.com"] * 4, ["ann@example.com", "ANN@example.com"] * 2])
def test_of_four_registrations_of_one_mailbox_at_once_one_wins(emails: list[str]) -> None:
    barrier = Barrier(4)

    def ask(email: str) -> int:
        try:
            barrier.wait()
            return int(register(email=email, company_name="Shop").status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(ask, emails)) == [201, 409, 409, 409]
    with installation_wide():
        assert (User.objects.count(), Company.objects.count(), Membership.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_four_companies_of_one_name_at_once_all_register() -> None:
    barrier = Barrier(4)

    def ask(number: int) -> Any:
        try:
            barrier.wait()
            return register(email=f"p{number}@example.com", company_name="Shop").json()["company"]["slug"]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(ask, range(4)))) == 4
