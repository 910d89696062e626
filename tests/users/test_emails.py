"""One mailbox is one spelling, and what is no mailbox is refused."""

from __future__ import annotations

import pytest

from users.emails import EmailInvalid, canonical

SAME = [
    [
        "ann@example.com",
        "ANN@EXAMPLE.COM",
        " Ann@Example.Com ",
        "ａｎｎ@example.com",
        "ann＠example.com",
        "ann@example。com",
    ],
    ["ann@xn--bcher-kva.example", "ann@bücher.example", "Ann@BÜCHER.example", "ann@bu\u0308cher.example"],
    ["josé@example.com", "jose\u0301@example.com", "JOSÉ@example.com"],
    ["strasse@example.com", "straße@example.com", "STRASSE@example.com"],
]


@pytest.mark.parametrize("spellings", SAME, ids=lambda spellings: spellings[0])
def test_spellings_of_one_mailbox_are_one(spellings: list[str]) -> None:
    assert {canonical(one) for one in spellings} == {spellings[0]}
    assert canonical(canonical(spellings[-1])) == spellings[0]


def test_addresses_that_only_look_alike_stay_two() -> None:
    assert canonical("mıke@example.com") != canonical("mike@example.com")
    assert canonical("аnn@example.com") != canonical("ann@example.com")
    assert canonical("a.nn+x@example.com") == "a.nn+x@example.com"


WRONG = [
    "",
    " ",
    "ann",
    "@example.com",
    "ann@",
    "ann@example",
    "ann@@example.com",
    "ann@exa mple.com",
    "an n@example.com",
    "ann@example.com\n",
    "ann@example.com\r\nBcc: eve@example.com",
    "ann\n@example.com",
    "ann\0@example.com",
    "ann\t@example.com",
    "ann\u200b@example.com",
    "ann\u202e@example.com",
    "ann\ud800@example.com",
    "Ann <ann@example.com>",
    "ann@example.com,eve@example.com",
    '"an n"@example.com',
    "ann@[127.0.0.1]",
    "ann@-example.com",
    "ann@xn--a.com",
    ".ann@example.com",
    "ann..b@example.com",
    "☺@example.com",
    "a" * 65 + "@example.com",
    "é" * 33 + "@example.com",
    "ann@" + "a" * 64 + ".com",
    "ann@" + "a." * 130 + "com",
    "a" * 1_000_000 + "@example.com",
]


@pytest.mark.parametrize("text", WRONG, ids=lambda text: repr(text[:40]))
def test_what_is_no_mailbox_is_refused(text: str) -> None:
    with pytest.raises(EmailInvalid) as caught:
        canonical(text)
    assert caught.value.attr == "email"
