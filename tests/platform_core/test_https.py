"""Behind a proxy that ends HTTPS: what browsers are told, whose word is believed, and that forms still work."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from platform_core.addresses import trusted
from platform_core.mail_settings import origin
from users.models import Company


@pytest.fixture
def _https(settings: Any) -> None:
    """As settings.py has it where HTTPS is set behind a proxy."""
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.PROXIES = trusted("10.0.0.0/8")


@pytest.mark.usefixtures("_https", "db")
def test_over_https_cookies_are_secure_and_browsers_are_told_to_insist() -> None:
    answer = Client(headers={"X-Forwarded-Proto": "https"}).get("/sign-in/", REMOTE_ADDR="10.0.0.1")
    assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert answer.cookies["csrftoken"]["secure"]


@pytest.mark.usefixtures("_https", "db")
def test_plain_requests_are_sent_on_and_probes_answered() -> None:
    answer = Client().get("/sign-in/")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/sign-in/")
    assert Client().get("/healthz/").status_code == 200
    assert django_settings.SECURE_REDIRECT_EXEMPT


@pytest.mark.usefixtures("_https", "db")
def test_only_a_proxy_of_ours_is_believed_that_it_was_https(settings: Any) -> None:
    stranger = Client(headers={"X-Forwarded-Proto": "https"}, REMOTE_ADDR="203.0.113.9")
    assert stranger.get("/sign-in/").status_code == 301
    settings.PROXIES = trusted("1")
    assert stranger.get("/sign-in/").status_code == 200
    settings.PROXIES = trusted("")
    assert stranger.get("/sign-in/").status_code == 301


@pytest.mark.usefixtures("_https")
def test_a_person_signs_in_through_a_proxy_that_ends_https(alice: Company) -> None:
    browser = Client(
        enforce_csrf_checks=True,
        headers={
            "Host": "testserver",
            "X-Forwarded-Proto": "https",
            "Origin": "https://testserver",
            "Referer": "https://testserver/sign-in/",
        },
        REMOTE_ADDR="10.0.0.1",
    )
    form = browser.get("/sign-in/").content.decode()
    token = form.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    given = {"username": "alice@example.com", "password": "a-Long-pass-1", "csrfmiddlewaretoken": token}
    answer = browser.post("/sign-in/", given)
    assert answer.status_code == 302
    cookie = answer.cookies["sessionid"]
    assert (bool(cookie["secure"]), bool(cookie["httponly"]), cookie["samesite"]) == (True, True, "Lax")
    assert browser.get("/").status_code == 200


def test_a_form_sent_from_the_public_address_is_taken_and_from_another_site_is_not(
    alice: Company, settings: Any
) -> None:
    settings.CSRF_TRUSTED_ORIGINS = [origin("https://predict.example.com/path")]
    form = Client().get("/sign-in/")
    token = form.content.decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    for sender, status in (("https://predict.example.com", 302), ("https://evil.example", 403)):
        browser = Client(enforce_csrf_checks=True, headers={"Origin": sender})
        browser.cookies["csrftoken"] = form.cookies["csrftoken"].value
        given = {"username": "alice@example.com", "password": "a-Long-pass-1", "csrfmiddlewaretoken": token}
        assert browser.post("/sign-in/", given).status_code == status
