"""The pages by which people come in: signing in and up, a lock-out, a forgotten password."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from platform_core.tenancy import installation_wide
from users import audit, registration
from users.events import AuditEvent
from users.models import Company, User

ALICE = {"username": "alice@example.com", "password": "a-Long-pass-1"}
NEW = {"company_name": "Ann's Shop", "full_name": "Ann", "email": "ann@example.com", "password": "tr0ub4dor-and-Staple"}
SIGNED_IN = "_auth_user_id"


def acts() -> list[str]:
    with installation_wide():
        return list(AuditEvent.across_companies.order_by("pk").values_list("act", flat=True))


def text(answer: Any) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split()))


def link_in(letter: Any) -> str:
    found = re.search(r"http://[^/]+(/\S+\?token=\S+)", letter.body)
    assert found
    return found[1]


def test_signing_in_and_out_is_in_the_audit(alice: Company) -> None:
    client = Client()
    assert client.post("/sign-in/", ALICE).status_code == 302
    assert client.get("/").status_code == 200
    client.post("/sign-out/")
    assert client.get("/").status_code == 302
    assert acts() == [audit.Event.SIGNED_IN, audit.Event.SIGNED_OUT]


def test_a_lock_out_is_told_in_words_and_only_here(alice: Company) -> None:
    for _ in range(django_settings.AXES_FAILURE_LIMIT):
        assert "No account has that" in text(Client().post("/sign-in/", {**ALICE, "password": "x"}))
    answer = Client().post("/sign-in/", ALICE)
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert "Try again in 15 minutes" in text(answer)
    assert 'value="alice@example.com"' in answer.content.decode()
    assert ALICE["password"] not in answer.content.decode()
    assert Client(REMOTE_ADDR="198.51.100.9").post("/sign-in/", ALICE).status_code == 302
    with installation_wide():
        assert acts().count(audit.Event.LOCKED_OUT) == 1


def test_pages_and_programs_are_locked_out_together(alice: Company) -> None:
    for _ in range(django_settings.AXES_FAILURE_LIMIT):
        Client().post("/sign-in/", {**ALICE, "password": "x"})
    body = {"email": ALICE["username"], "password": ALICE["password"]}
    assert Client().post("/api/auth/token/", body, content_type="application/json").status_code == 429


def test_the_administration_has_the_same_sign_in(db: None) -> None:
    answer = Client().get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/sign-in/?next=")
    User.objects.create_superuser("root@example.com", "a-Long-pass-9")
    client = Client()
    client.post("/sign-in/", {"username": "root@example.com", "password": "a-Long-pass-9"})
    assert client.get("/admin/").status_code == 200


def test_signing_up_leads_in(db: None) -> None:
    client = Client()
    assert "Register your company" in text(client.get("/sign-up/"))
    answer = client.post("/sign-up/", NEW, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert "Ann's Shop" in answer.context["company"].name
    assert client.get("/sign-up/").status_code == 302


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email", "ann", "e-mail address"),
        ("email", "alice@example.com", "There is an account"),
        ("password", "password123", "too common"),
        ("company_name", " ", "required"),
        ("full_name", "x" * 201, "at most 200"),
    ],
)
def test_what_is_wrong_stands_beside_its_control(alice: Company, field: str, value: str, said: str) -> None:
    answer = Client().post("/sign-up/", {**NEW, field: value})
    assert said in str(answer.context["form"].errors[field])
    assert NEW["password"] not in answer.content.decode()
    assert User.objects.count() == 1


def test_a_closed_installation_says_so(db: None, settings: Any) -> None:
    settings.REGISTRATION_OPEN = False
    assert Client().post("/sign-up/", NEW).status_code == 403
    assert "/sign-up/" not in Client().get("/sign-in/").content.decode()


def test_too_many_registrations_are_told_when_to_come_again(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registration, "MOST_FROM_ONE_SITE", 0)
    monkeypatch.setattr(registration.attempts, "spend", refuse)
    answer = Client().post("/sign-up/", NEW)
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")


def refuse(**_: Any) -> None:
    raise registration.attempts.Throttled("Too many requests.", retry_after_s=60)


def test_a_forgotten_password_is_set_anew_by_mail(alice: Company, mailoutbox: list[Any]) -> None:
    client = Client()
    assert "on its way" in text(client.post("/password/forgot/", {"email": "ALICE@example.com"}))
    link = link_in(mailoutbox[0])
    opened = client.get(link)
    assert (opened.status_code, opened["Location"]) == (302, "/password/reset/"), "the token leaves the address"
    assert "too short" in text(client.post("/password/reset/", {"password": "short"}))
    answer = client.post("/password/reset/", {"password": NEW["password"]}, follow=True)
    assert "Your new password is set" in text(answer)
    assert client.post("/sign-in/", {**ALICE, "password": NEW["password"]}).status_code == 302
    again = Client()
    again.get(link)
    assert "used already" in text(again.post("/password/reset/", {"password": NEW["password"]}))


def test_the_page_tells_nobody_whether_an_address_is_known(alice: Company, mailoutbox: list[Any]) -> None:
    pages = [
        text(Client().post("/password/forgot/", {"email": email})).replace(email, "…")
        for email in ("alice@example.com", "nobody@example.com")
    ]
    assert pages[0] == pages[1]
    assert len(mailoutbox) == 1


def test_a_reset_without_a_link_is_refused(db: None) -> None:
    assert "wrong, older than an hour" in text(Client().post("/password/reset/", {"password": NEW["password"]}))


PATHS = ["/sign-in/", "/sign-up/", "/password/forgot/", "/password/reset/"]


@pytest.mark.parametrize("path", PATHS)
def test_forms_need_their_token_and_pages_run_no_foreign_script(db: None, path: str) -> None:
    assert Client(enforce_csrf_checks=True).post(path, NEW).status_code == 403
    page = Client().get(path)
    assert "<script" not in page.content.decode()
    assert "style=" not in page.content.decode()
    assert "'unsafe-inline'" not in page["Content-Security-Policy"]
