"""EMAIL_URL, EMAIL_FROM and PUBLIC_URL: every form, and every wrong one named without its password."""

from __future__ import annotations

import pytest

from platform_core.errors import SettingInvalid
from platform_core.mail_settings import of, public_url

SENDER = "Ann <ann@example.com>"


def test_mail_goes_to_the_console_by_default() -> None:
    assert of("", SENDER)["EMAIL_BACKEND"] == of("console://", SENDER)["EMAIL_BACKEND"]
    assert of("", SENDER)["EMAIL_BACKEND"].endswith("console.EmailBackend")


@pytest.mark.parametrize(
    ("scheme", "port", "encryption"),
    [("smtp", 25, set()), ("smtp+tls", 587, {"EMAIL_USE_TLS"}), ("smtps", 465, {"EMAIL_USE_SSL"})],
)
def test_a_scheme_says_how_it_is_encrypted(scheme: str, port: int, encryption: set[str]) -> None:
    found = of(f"{scheme}://me%40a.com:p%2Fw@mail.example.com", SENDER)
    assert {name for name in found if name.startswith("EMAIL_USE_")} == encryption
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example.com", port)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("me@a.com", "p/w")
    assert of(f"{scheme}://h:2525", SENDER)["EMAIL_PORT"] == 2525


WRONG = ["smtp://", "x", "http://u:geheim@h", "smtp://u:ge/heim@h", "smtp://u:geheim@h:x", "smtp://h/x", "smtp://[::1"]


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_url_is_named_without_its_password(url: str) -> None:
    with pytest.raises(SettingInvalid, match="EMAIL_URL") as caught:
        of(url, SENDER)
    assert "heim" not in str(caught.value)


@pytest.mark.parametrize("sender", ["", "x", "Ann", "a@b\nBcc: c@d", "@", "a@"])
def test_a_wrong_sender_is_named(sender: str) -> None:
    with pytest.raises(SettingInvalid, match="EMAIL_FROM"):
        of("", sender)


def test_links_begin_with_where_people_reach_us() -> None:
    assert public_url("https://p.example.com/", "::", 8000) == "https://p.example.com"
    assert public_url("", "::", 8001) == "http://localhost:8001"
    assert public_url("", "127.0.0.1", 8000) == "http://127.0.0.1:8000"
    for wrong in ("p.example.com", "ftp://x", "https://", "https://x?y=1"):
        with pytest.raises(SettingInvalid, match="PUBLIC_URL"):
            public_url(wrong, "", 8000)
