"""Digests of personal values: found again in any spelling, by no other company, and not to be read."""

from __future__ import annotations

import re
from typing import Any

import pytest

from users.privacy import digest, redacted

SPELLINGS = ["Ann@Example.com", "ann@example.com", " ANN@EXAMPLE.COM\n", "ａｎｎ@example.com"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_an_address_has_one_digest(spelling: str) -> None:
    assert digest(1, spelling) == digest(1, "ann@example.com")


@pytest.mark.parametrize("other", ["anne@example.com", "ann@example.org", "", "ann", "ann@example.com\0", "\ud800"])
def test_another_text_has_another_digest(other: str) -> None:
    assert digest(1, other) != digest(1, "ann@example.com")


def test_companies_and_installations_cannot_compare_digests(settings: Any) -> None:
    own = digest(1, "ann@example.com")
    assert digest(2, "ann@example.com") != own
    settings.SECRET_KEY = "another"
    assert digest(1, "ann@example.com") != own


def test_composed_and_decomposed_letters_are_one() -> None:
    assert digest(1, "j\u00f6rg@example.com") == digest(1, "jo\u0308rg@example.com")


def test_a_redacted_value_holds_only_its_digest() -> None:
    found = redacted(1, "ann@example.com")
    assert set(found) == {"redacted"}
    assert re.fullmatch("[0-9a-f]{32}", found["redacted"])
