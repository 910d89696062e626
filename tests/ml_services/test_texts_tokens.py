"""Splitting texts into tokens."""

from __future__ import annotations

import time

import pytest

from ml_services.texts.tokens import MAX_CHARACTERS, split


def texts(text: str) -> list[str]:
    return [token.text for token in split(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don’t GO!", ["don't", "go", "!"]),
        ("dont", ["don't"]),
        ("soooo goooood", ["soo", "good"]),
        ("<p>Great &amp; <b>cheap</b></p>", ["great", "cheap"]),
        ("10/10 :) ❤", ["10/10", ":)", "❤"]),
        ("see https://example.com/a?b=c now", ["see", "now"]),
        ("écran cassé", ["écran", "cassé"]),
        ("half \ud83d emoji", ["half", "emoji"]),
        ("2 < 3 and 4 > 1", ["2", "3", "and", "4", "1"]),
    ],
)
def test_a_text_is_split(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_capitals_shout_only_beside_small_letters() -> None:
    assert [token.shouted for token in split("this is BAD")] == [False, False, True]
    assert not any(token.shouted for token in split("THIS IS BAD"))


@pytest.mark.parametrize(
    "unit", ["<", "a<b ", "((((", "!!!! ", "<!--", "e-", "'a", "&amp;lt;", "@", "www.", "\n \n", "😀", "a.b@"]
)
def test_hostile_repetition_is_read_in_time(unit: str) -> None:
    began = time.process_time()
    split((unit * MAX_CHARACTERS)[:MAX_CHARACTERS])
    assert time.process_time() - began < 2.0
