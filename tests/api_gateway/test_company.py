"""The company, its members and invitations over the API."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests.api_gateway.asking import refused
from tests.conftest import ApiClient
from tests.stored import found
from tests.users.people import NEW, PASSWORD, PersonClient, invited, member, owner_of
from users.events import AuditEvent
from users.invitations import token_of
from users.models import Company, Role, User

COMPANY, MEMBERS = "/api/company/", "/api/company/members/"
INVITATIONS, ACCEPT = "/api/company/invitations/", "/api/company/invitations/accept/"


@pytest.fixture
def owner(alice: Company) -> PersonClient:
    """Alice, by token."""
    return PersonClient(owner_of(alice))


def test_the_company_is_shown_and_changed(owner: PersonClient, alice: Company) -> None:
    before = owner.get(COMPANY).json()
    assert (before["name"], before["time_zone"], before["retention_days"]) == ("Alice's", "UTC", 365)
    packages = [{"name": "MVP", "monthly_price": "350", "setup_fee": "399"}]
    after = owner.patch_json(COMPANY, {"currency": "EUR", "packages": packages}).json()
    assert after["packages"] == [{"name": "MVP", "monthly_price": "350.00", "setup_fee": "399.00"}]
    assert after == {**before, "currency": "EUR", "packages": after["packages"]}
    assert owner.get(COMPANY).json() == after
    assert found(AuditEvent, act="company.changed")[0].detail == {"changed": ["currency", "packages"]}


@pytest.mark.parametrize("body", [{"id": 5}, {"name": ""}, {"currency": None}, [], "x", {"created_at": "x"}])
def test_a_wrong_change_is_refused(owner: PersonClient, body: Any) -> None:
    refused(owner.patch_json(COMPANY, body), 400)


def test_members_come_in_pages(owner: PersonClient, alice: Company) -> None:
    for number in range(4):
        member(alice, Role.VIEWER, f"p{number}@alice.example")
    page = owner.get(MEMBERS, {"page_size": 2, "page": 2}).json()
    assert page["count"] == 5
    assert [one["email"] for one in page["results"]] == ["p1@alice.example", "p2@alice.example"]
    assert "page=3" in page["next"]
    refused(owner.get(MEMBERS, {"page": 4, "page_size": 2}), 404)


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=-1", "page=٣", "page_size=0", "page_size=501", "page="])
def test_a_page_that_is_none_is_refused(owner: PersonClient, query: str) -> None:
    refused(owner.get(f"{MEMBERS}?{query}"), 400)


@pytest.mark.parametrize("path", [MEMBERS, INVITATIONS, "/api/keys/"])
def test_more_rows_cost_no_more_queries(
    alice: Company, alice_api: ApiClient, path: str, django_assert_num_queries: Any
) -> None:
    for number in range(2):
        for _ in range(1 + 6 * number):
            mark = User.objects.count()
            member(alice, Role.VIEWER, f"p{mark}@alice.example")
            invited(alice, email=f"i{mark}@example.com")
            ApiClient(alice, ["predict"])
        alice_api.get(path)
        with django_assert_num_queries(2):
            assert alice_api.get(path).status_code == 200


def test_a_changed_role_and_a_removal_count_while_a_token_lives(owner: PersonClient, alice: Company) -> None:
    place = member(alice, Role.ADMIN)
    client, path = PersonClient(place), f"{MEMBERS}{place.pk}/"
    assert client.get("/api/keys/").status_code == 200
    assert owner.patch_json(path, {"role": "viewer"}).json()["role"] == "viewer"
    refused(client.get("/api/keys/"), 403, "permission_denied")
    assert client.get(COMPANY).status_code == 200
    assert owner.delete(path).status_code == 204
    refused(client.get(COMPANY), 401, "no_company")
    refused(owner.delete(path), 404, "not_found")


def test_the_last_owner_is_told_why_not(owner: PersonClient, alice: Company) -> None:
    path = f"{MEMBERS}{owner_of(alice).pk}/"
    refused(owner.delete(path), 409, "conflict")
    refused(owner.patch_json(path, {"role": "viewer"}), 409, "conflict")


def test_a_member_of_another_company_is_404(owner: PersonClient, bob: Company) -> None:
    path = f"{MEMBERS}{owner_of(bob).pk}/"
    refused(owner.delete(path), 404)
    refused(owner.patch_json(path, {"role": "viewer"}), 404)
    assert b"bob" not in owner.get(MEMBERS).content


def test_an_invitation_is_mailed_and_taken_up(owner: PersonClient, alice: Company, mailoutbox: list[Any]) -> None:
    sent = owner.post_json(INVITATIONS, {"email": NEW, "role": "analyst"})
    assert sent.status_code == 201
    link = re.search(r"https?://\S+", mailoutbox[0].body)
    assert link
    token = parse_qs(urlsplit(link[0]).query)["token"][0]
    assert token not in sent.content.decode()
    assert [one["email"] for one in owner.get(INVITATIONS).json()["results"]] == [NEW]
    answer = Client().post(ACCEPT, {"token": token, "password": PASSWORD}, content_type="application/json")
    assert answer.status_code == 201
    assert answer.json()["company"]["slug"] == "alice"
    assert answer.json()["member"]["role"] == "analyst"
    joined = Client(headers={"Authorization": f"Bearer {answer.json()['access']}"})
    assert joined.get(COMPANY).json()["slug"] == "alice"
    assert owner.get(INVITATIONS).json()["results"] == []
    again = Client().post(ACCEPT, {"token": token, "password": PASSWORD}, content_type="application/json")
    refused(again, 400, "invalid_invitation")


def test_a_signed_in_person_of_another_company_takes_it_up(alice: Company, bob: Company) -> None:
    client, body = PersonClient(owner_of(bob)), {"token": token_of(invited(alice, email="bob@example.com"))}
    assert client.post_json(ACCEPT, body).status_code == 201
    refused(client.post_json(ACCEPT, body), 400, "invalid_invitation")
    assert client.get(COMPANY).json()["slug"] == "bob"


def test_who_is_known_must_prove_it(alice: Company, bob: Company) -> None:
    body = {"token": token_of(invited(alice, email="bob@example.com"))}
    refused(PersonClient(owner_of(alice)).post_json(ACCEPT, body), 400, "required")
    wrong = Client().post(ACCEPT, {**body, "password": "not-Bobs-pass"}, content_type="application/json")
    refused(wrong, 401, "wrong_password")


def test_a_withdrawn_invitation_is_gone(owner: PersonClient, alice: Company) -> None:
    row = invited(alice)
    assert owner.delete(f"{INVITATIONS}{row.pk}/").status_code == 204
    refused(owner.delete(f"{INVITATIONS}{row.pk}/"), 404)
    answer = Client().post(ACCEPT, {"token": token_of(row), "password": PASSWORD}, content_type="application/json")
    refused(answer, 400, "invalid_invitation")


def test_another_companys_invitations_are_404_and_unseen(owner: PersonClient, bob: Company) -> None:
    row = invited(bob)
    refused(owner.delete(f"{INVITATIONS}{row.pk}/"), 404)
    assert owner.get(INVITATIONS).json()["count"] == 0


def test_inviting_a_member_is_a_conflict(owner: PersonClient) -> None:
    refused(owner.post_json(INVITATIONS, {"email": "Alice@Example.com", "role": "viewer"}), 409, "conflict")


def test_a_method_that_is_none_is_405_and_head_is_get(owner: PersonClient) -> None:
    refused(owner.put(f"{MEMBERS}?page=1"), 405)
    refused(owner.generic("TRACE", f"{MEMBERS}?page=1"), 405)
    assert owner.head(f"{MEMBERS}?page=1").status_code == 200
