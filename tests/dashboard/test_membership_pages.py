"""The pages of a person: an invitation, the account, another company."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from platform_core.tenancy import company_in_force
from tests.api_gateway.people import join, leave
from users import invitations
from users.models import Company, Membership, Role, User

NEW = "tr0ub4dor-and-Staple"
OLD = "a-Long-pass-1"


def signed_in(email: str = "alice@example.com", password: str = OLD) -> Client:
    client = Client()
    assert client.post("/sign-in/", {"username": email, "password": password}).status_code == 302
    return client


def text(answer: Any) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split()))


def invited(email: str, company: Company) -> str:
    """The path of the link that is mailed."""
    owner = Membership.objects
    with company_in_force(company.pk):
        person = owner.get(role=Role.OWNER).user
        person.role = Role.OWNER
        row = invitations.invite(given={"email": email, "role": "analyst"}, by=person)
        return f"/invitations/accept/?token={invitations.token_of(row)}"


def role_in(email: str, company: Company) -> str:
    with company_in_force(company.pk):
        return str(Membership.objects.get(user__email=email).role)


def test_an_invited_stranger_chooses_a_password_and_is_in(alice: Company) -> None:
    client, link = Client(), invited("new@example.com", alice)
    assert client.get(link)["Location"] == "/invitations/accept/"
    assert "Join Alice's" in text(client.get("/invitations/accept/"))
    assert "too common" in text(client.post("/invitations/accept/", {"password": "password123"}))
    answer = client.post("/invitations/accept/", {"full_name": "New", "password": NEW}, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert role_in("new@example.com", alice) == "analyst"
    assert User.objects.get(email="new@example.com").full_name == "New"


def test_whoever_has_an_account_proves_it(alice: Company, bob: Company) -> None:
    client, link = Client(), invited("bob@example.com", alice)
    page = client.get(link, follow=True)
    assert "has an account" in text(page)
    assert client.post("/invitations/accept/", {"password": "wrong"}).status_code == 200
    assert client.post("/invitations/accept/", {"password": "b-Long-pass-2"}).status_code == 302
    assert "Alice's" in text(client.get("/"))


def test_whoever_is_signed_in_only_says_yes(alice: Company, bob: Company) -> None:
    client, link = signed_in("bob@example.com", "b-Long-pass-2"), invited("bob@example.com", alice)
    assert 'type="password"' not in client.get(link, follow=True).content.decode()
    assert client.post("/invitations/accept/").status_code == 302
    assert role_in("bob@example.com", alice) == "analyst"


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "9" * 5000])
def test_a_made_up_invitation_is_refused_on_a_page(db: None, token: str) -> None:
    answer = Client().get("/invitations/accept/", {"token": token}, follow=True)
    assert answer.status_code == 400
    assert "No such invitation" in text(answer)


def test_a_used_invitation_is_refused(alice: Company) -> None:
    link = invited("new@example.com", alice)
    for status in (302, 400):
        client = Client()
        client.get(link)
        assert client.post("/invitations/accept/", {"password": NEW}).status_code == status


def test_the_account_page_renames(alice: Company) -> None:
    client = signed_in()
    answer = client.post("/account/", {"form": "name", "full_name": "Alice Example"}, follow=True)
    assert "Your name is changed" in text(answer)
    assert User.objects.get().full_name == "Alice Example"


def test_a_changed_password_keeps_this_session_and_ends_the_others(alice: Company) -> None:
    client, other = signed_in(), signed_in()
    answer = client.post("/account/", {"form": "password", "old_password": OLD, "new_password": NEW}, follow=True)
    assert "Your password is changed" in text(answer)
    assert client.get("/").status_code == 200
    assert other.get("/").status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "said"), [("x", NEW, "not your password"), (OLD, "short", "too short"), (OLD, OLD, "the old one")]
)
def test_a_wrong_change_is_told(alice: Company, old: str, new: str, said: str) -> None:
    client = signed_in()
    given = {"form": "password", "old_password": old, "new_password": new}
    assert said in text(client.post("/account/", given))
    assert User.objects.get().check_password(OLD)


def test_a_person_goes_on_in_another_company_and_in_no_foreign_one(alice: Company, bob: Company) -> None:
    client = signed_in()
    assert client.post("/account/switch/", {"company": bob.pk}).status_code == 404
    join("alice@example.com", bob)
    assert client.post("/account/switch/", {"company": bob.pk}).status_code == 302
    assert "Bob's" in text(client.get("/"))
    leave("alice@example.com", bob)
    assert "Alice's" in text(client.get("/"))
    for wrong in ("", "x", "9" * 30, "-1", "１"):
        assert client.post("/account/switch/", {"company": wrong}).status_code == 404


def test_the_account_is_for_people_who_are_signed_in(db: None) -> None:
    assert Client().get("/account/")["Location"] == "/sign-in/?next=/account/"
    assert Client().get("/account/switch/").status_code == 405
