"""The pages of a company: the same services and the same table of roles as the API, in forms."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from platform_core.tenancy import company_in_force
from tests.stored import found
from tests.users.people import PASSWORD, invited, member, owner_of
from users import keys
from users.models import ApiKey, Company, Membership, Role

SETTINGS, PEOPLE, KEYS = "/company/", "/company/people/", "/company/keys/"
TYPED = {"name": "Alice & Co", "slug": "alice", "time_zone": "Europe/Berlin", "currency": "EUR", "retention_days": "30"}


def text_of(response: Any) -> str:
    return unescape(response.content.decode())


def signed_in(place: Membership, password: str = PASSWORD) -> Client:
    client = Client()
    assert client.login(username=place.user.email, password=password)
    return client


def stored(company: Company) -> Company:
    """A company as the database has it."""
    with company_in_force(company.pk):
        return Company.objects.get(pk=company.pk)


def problems(response: Any) -> str:
    return " ".join(re.findall(r'class="wrong"[^>]*>([^<]*)', text_of(response)))


@pytest.mark.parametrize("path", [SETTINGS, PEOPLE, KEYS])
def test_nobody_is_sent_to_sign_in(db: None, path: str) -> None:
    assert Client().get(path)["Location"] == f"/sign-in/?next={path}"


@pytest.mark.parametrize("path", [SETTINGS, PEOPLE, KEYS, "/"])
def test_pages_hold_no_inline_script_or_style(browser: Client, bob: Company, path: str) -> None:
    member(bob, Role.VIEWER, "alice@example.com")
    page = browser.get(path)
    assert page.status_code == 200
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page.content.decode())


CELLS = [
    (SETTINGS, {"viewer": 200, "analyst": 200, "admin": 200}, {"viewer": 403, "analyst": 403, "admin": 200}),
    (PEOPLE, {"viewer": 200, "analyst": 200, "admin": 200}, {"viewer": 403, "analyst": 403, "admin": 200}),
    (KEYS, {"viewer": 403, "analyst": 403, "admin": 200}, {"viewer": 403, "analyst": 403, "admin": 200}),
]


@pytest.mark.parametrize(("path", "looks", "sends"), CELLS, ids=lambda value: value if isinstance(value, str) else "")
def test_pages_follow_the_table_of_roles(
    alice: Company, browser: Client, path: str, looks: dict[str, int], sends: dict[str, int]
) -> None:
    for role in looks:
        client = signed_in(member(alice, role))
        assert client.get(path).status_code == looks[role], role
        assert client.post(path, {}).status_code == sends[role], role


def test_settings_are_changed_by_the_form(browser: Client, alice: Company) -> None:
    packages = {"package_0_name": "MVP", "package_0_monthly_price": "350,5", "package_4_name": "Now",
                "package_4_monthly_price": "1", "package_4_setup_fee": "2"}  # fmt: skip
    webhooks = "https://a.example.com/x\r\nhttps://b.example.com/"
    answer = browser.post(SETTINGS, {**TYPED, **packages, "webhook_urls": webhooks}, follow=True)
    assert "Saved." in text_of(answer)
    kept = stored(alice)
    assert (kept.name, kept.currency, kept.retention_days) == ("Alice & Co", "EUR", 30)
    assert kept.webhook_urls == ["https://a.example.com/x", "https://b.example.com/"]
    assert [(one["name"], one["monthly_price"], one["setup_fee"]) for one in kept.packages] == [
        ("MVP", "350.50", None), ("Now", "1.00", "2.00"),
    ]  # fmt: skip
    assert 'value="350.50"' in text_of(browser.get(SETTINGS))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"slug": "A b"}, "lower-case"),
        ({"slug": "bob"}, "taken"),
        ({"name": ""}, "empty"),
        ({"time_zone": "Mars"}, "time zone"),
        ({"retention_days": "many"}, "whole number"),
        ({"retention_days": "9999"}, "from 1 to 3650"),
        ({"webhook_urls": "http://x.example.com/"}, "https"),
        ({"package_0_name": "A"}, "Row 1, monthly price"),
        ({"package_0_name": "A", "package_0_monthly_price": "-1"}, "Row 1, monthly price"),
    ],
)
def test_what_is_wrong_is_told_and_kept(
    browser: Client, alice: Company, bob: Company, wrong: dict[str, str], said: str
) -> None:
    answer = browser.post(SETTINGS, {**TYPED, **wrong})
    assert answer.status_code == 200
    assert said in problems(answer)
    # A word that is no choice cannot be chosen again.
    assert all(value in text_of(answer) for name, value in wrong.items() if name != "time_zone")
    assert stored(alice).name == "Alice's"


def test_another_companys_member_invitation_and_key_are_404(browser: Client, bob: Company) -> None:
    key, _ = keys.create(company=bob, name="bobs", scopes=["predict"])
    assert browser.post(f"{PEOPLE}{owner_of(bob).pk}/", {"remove": "1"}).status_code == 404
    assert browser.post(f"/company/invitations/{invited(bob).pk}/").status_code == 404
    assert browser.post(f"{KEYS}{key.pk}/").status_code == 404
    assert "bobs" not in text_of(browser.get(KEYS))


def test_a_key_is_shown_once(browser: Client, alice: Company) -> None:
    answer = browser.post(KEYS, {"name": "shop", "scopes": ["predict", "upload"], "days": "90"})
    secret = re.search(r"<code>(pk_[^<]+)</code>", text_of(answer))
    assert secret
    assert "no-store" in answer["Cache-Control"]
    holder = keys.recognise(secret[1])
    assert holder
    assert holder.scopes == {"predict", "upload"}
    assert holder.expires_at
    path = re.search(r"curl http://testserver(\S+) -H", text_of(answer))
    assert path
    assert Client(headers={"X-API-Key": secret[1]}).get(path[1]).status_code == 200
    again = text_of(browser.get(KEYS))
    assert secret[1] not in again
    assert secret[1][:10] in again


def test_a_key_without_name_or_scope_is_not_made(browser: Client) -> None:
    said = problems(browser.post(KEYS, {"name": "", "days": "0"}))
    assert "empty" in said
    assert "scope" in said
    assert found(ApiKey) == []


def test_a_key_is_revoked(browser: Client, alice: Company) -> None:
    row, _ = keys.create(company=alice, name="shop", scopes=["predict"])
    assert "revoked" in text_of(browser.post(f"{KEYS}{row.pk}/", follow=True))
    assert found(ApiKey)[0].revoked_at


def test_the_chosen_company_and_the_role_in_it_are_in_force(browser: Client, alice: Company, bob: Company) -> None:
    assert "Switch" not in text_of(browser.get("/"))
    member(bob, Role.VIEWER, "alice@example.com")
    assert "Switch" in text_of(browser.get("/"))
    browser.post("/account/switch/", {"company": str(bob.pk)})
    assert browser.get(KEYS).status_code == 403
    assert "bob@example.com" in text_of(browser.get(PEOPLE))


def test_forms_must_carry_their_token(alice: Company) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.login(username="alice@example.com", password="a-Long-pass-1")
    for path in (SETTINGS, PEOPLE, KEYS, "/account/switch/"):
        assert client.post(path, {}).status_code == 403
