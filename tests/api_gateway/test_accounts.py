"""Who one is, and switching between one's companies."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from platform_core.tenancy import company_in_force, installation_wide
from tests.api_gateway.asking import refused
from tests.api_gateway.people import ALICE, BOB, GOOD, join, leave, me, pair, send
from tests.conftest import ApiClient
from users import audit
from users.events import AuditEvent
from users.models import Company, Membership, Role, User


def test_a_person_sees_and_changes_their_name_and_nothing_else(alice: Company) -> None:
    token = pair()["access"]
    assert me(token).json()["full_name"] == ""
    changed = send("me", {"full_name": " Alice Example "}, token, "patch")
    assert (changed.status_code, changed.json()["full_name"]) == (200, "Alice Example")
    assert me(token).json() == changed.json()
    for body in ({"email": "x@example.com"}, {"full_name": "x" * 201}, {"full_name": None}, {"is_staff": True}, []):
        refused(send("me", body, token, "patch"), 400)


def test_a_key_is_no_person(alice_api: ApiClient) -> None:
    refused(alice_api.get("/api/auth/me/"), 403)
    refused(alice_api.post_json("/api/auth/switch/", {"company": "alice"}), 403)
    body = {"old_password": ALICE["password"], "new_password": GOOD}
    refused(alice_api.post_json("/api/auth/password/change/", body), 403)


def test_nobody_is_nobody(db: None) -> None:
    refused(Client().get("/api/auth/me/"), 401, "not_authenticated")


def test_a_person_of_two_companies_signs_in_to_either(alice: Company, bob: Company) -> None:
    join("alice@example.com", bob, Role.ANALYST)
    assert me(pair()["access"]).json()["company"]["slug"] == "alice"
    for company in ("bob", bob.pk):
        found = me(pair(company=company)["access"]).json()
        assert (found["company"]["slug"], found["company"]["role"]) == ("bob", "analyst")
        assert [one["slug"] for one in found["companies"]] == ["alice", "bob"]


def test_switching_gives_a_pair_that_stays_with_its_company(alice: Company, bob: Company) -> None:
    join("alice@example.com", bob)
    switched = send("switch", {"company": "bob"}, pair()["access"])
    assert switched.status_code == 200
    for _ in range(2):
        assert me(switched.json()["access"]).json()["company"]["slug"] == "bob"
        switched = send("token/refresh", {"refresh": switched.json()["refresh"]})


@pytest.mark.parametrize("company", ["bob", "nowhere", 999_999_999, 2**70, -1])
def test_a_foreign_company_is_not_there(alice: Company, bob: Company, company: Any) -> None:
    wanted = bob.pk if company == "bob" else company
    for one in {company, wanted}:
        refused(send("switch", {"company": one}, pair()["access"]), 404, "not_found")
        refused(send("token", {**ALICE, "company": one}), 404, "not_found")


@pytest.mark.parametrize("company", [None, True, 1.5, [], {}, "", "a\0b"])
def test_what_names_no_company_is_refused(alice: Company, company: Any) -> None:
    refused(send("switch", {"company": company}, pair()["access"]), 400)
    refused(send("token", {**ALICE, "company": company}), 400)


def test_a_removed_members_tokens_end_at_once(alice: Company, bob: Company) -> None:
    join("alice@example.com", bob)
    tokens = pair(company="bob")
    leave("alice@example.com", bob)
    refused(me(tokens["access"]), 401, "no_company")
    refused(send("token/refresh", {"refresh": tokens["refresh"]}), 401, "no_company")
    refused(send("token/verify", {"token": tokens["access"]}), 401, "no_company")
    assert me(pair()["access"]).json()["company"]["slug"] == "alice"


def test_another_role_counts_while_the_token_lives(alice: Company, bob: Company) -> None:
    join("alice@example.com", bob, Role.VIEWER)
    token = pair(company="bob")["access"]
    headers = {"Authorization": f"Bearer {token}"}
    asked = [Client(headers=headers).get("/api/keys/").status_code]
    for role in (Role.ADMIN, Role.VIEWER):
        with company_in_force(bob.pk):
            Membership.objects.filter(user__email="alice@example.com").update(role=role)
        asked.append(Client(headers=headers).get("/api/keys/").status_code)
    assert asked == [403, 200, 403]
    assert me(token).json()["company"]["role"] == "viewer"


def test_who_belongs_nowhere_any_more_is_told_so(alice: Company) -> None:
    tokens = pair()
    leave("alice@example.com", alice)
    refused(send("token", ALICE), 401, "no_company")
    refused(me(tokens["access"]), 401, "no_company")


def test_sign_ins_are_in_the_audit_of_the_company_concerned(alice: Company, bob: Company) -> None:
    pair()
    send("token", {**BOB, "password": "wrong"})
    send("token", {"email": "nobody@example.com", "password": "wrong"})
    mark = {company: f"person:{User.objects.get(email=email).pk}"
            for company, email in ((alice.pk, ALICE["email"]), (bob.pk, BOB["email"]))}  # fmt: skip
    with installation_wide():
        events = list(AuditEvent.across_companies.order_by("pk").values_list("company_id", "act", "subject", "address"))
    assert events == [
        (alice.pk, audit.Event.SIGNED_IN, mark[alice.pk], "127.0.0.1"),
        (bob.pk, audit.Event.SIGN_IN_FAILED, mark[bob.pk], "127.0.0.1"),
        (None, audit.Event.SIGN_IN_FAILED, "", "127.0.0.1"),
    ]
