"""Where a request comes from: nobody chooses their own address."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from platform_core.addresses import UNKNOWN, client_address, client_site, trusted
from platform_core.errors import SettingInvalid


def seen(settings: Any, proxies: str, remote: str, forwarded: str | None = None) -> str:
    settings.PROXIES = trusted(proxies)
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote))


def test_without_trusted_proxies_a_sent_address_is_ignored(settings: Any) -> None:
    assert seen(settings, "", "203.0.113.9", "1.2.3.4") == "203.0.113.9"


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("1.2.3.4:5678", "1.2.3.4"),
        ('"[2001:db8::1]:80"', "2001:db8::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("1.2.3.4, rubbish", "10.0.0.1"),
        ("", "10.0.0.1"),
        (None, "10.0.0.1"),
    ],
)
def test_behind_one_proxy_the_address_is_what_it_saw(settings: Any, forwarded: str | None, address: str) -> None:
    assert seen(settings, "1", "10.0.0.1", forwarded) == address
    assert seen(settings, "10.0.0.0/8", "10.0.0.1", forwarded) == address


def test_behind_two_proxies_the_outer_ones_word_counts(settings: Any) -> None:
    for proxies in ("2", "10.0.0.0/8, ::1"):
        assert seen(settings, proxies, "10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2") == "1.2.3.4"


def test_who_comes_past_the_proxies_is_not_believed(settings: Any) -> None:
    assert seen(settings, "10.0.0.0/8", "203.0.113.9", "1.2.3.4") == "203.0.113.9"


def test_a_proxy_on_a_unix_socket_is_counted(settings: Any) -> None:
    assert seen(settings, "1", "", "1.2.3.4") == "1.2.3.4"
    assert seen(settings, "", "", "1.2.3.4") == UNKNOWN


def test_one_ipv6_site_is_one(settings: Any) -> None:
    settings.PROXIES = trusted("")
    sites = {
        client_site(RequestFactory().get("/", REMOTE_ADDR=address)) for address in ("2001:db8::1", "2001:db8::f:2")
    }
    assert sites == {"2001:db8::"}
    assert client_site(RequestFactory().get("/", REMOTE_ADDR="1.2.3.4")) == "1.2.3.4"


@pytest.mark.parametrize("wrong", ["x", "-1", "99", "1.2.3.4/99", "1.2.3"])
def test_a_wrong_setting_is_named(wrong: str) -> None:
    with pytest.raises(SettingInvalid, match="TRUSTED_PROXIES"):
        trusted(wrong)
