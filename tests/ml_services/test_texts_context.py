"""Opinion words in context."""

from __future__ import annotations

import pytest

from ml_services.texts.context import find
from ml_services.texts.lexicon import inflections, opinion_lexicon
from ml_services.texts.tokens import split


def leaning(text: str) -> float:
    return sum(hit.valence for hit in find(split(text), opinion_lexicon()) if hit.source != "vader")


@pytest.mark.parametrize(
    "text",
    [
        "good",
        "not bad at all",
        "never disappoints",
        "worth every penny",
        "ridiculously good",
        "no complaints",
        "loved it",
    ],
)
def test_praise_leans_up(text: str) -> None:
    assert leaning(text) > 0


@pytest.mark.parametrize(
    "text",
    ["bad", "not good", "isn't great", "never again", "waste of time", "pretty awful", "I would not recommend it"],
)
def test_blame_leans_down(text: str) -> None:
    assert leaning(text) < 0


def test_an_intensifier_strengthens() -> None:
    assert leaning("very friendly") > leaning("friendly") > leaning("slightly friendly") > 0


def test_what_follows_but_counts_more() -> None:
    assert leaning("the food was great but the waiter was awful") < 0
    assert leaning("the waiter was bad but the food was superb") > 0


def test_a_negator_does_not_reach_over_the_clause() -> None:
    assert leaning("Not today. Great food") > 0
    assert leaning("not in the least great") < leaning("not here, great")


def test_a_phrase_keeps_its_negator_to_itself() -> None:
    assert leaning("no doubt great") > 0


def test_capitals_add_weight() -> None:
    assert leaning("it was AWFUL") < leaning("it was awful")


@pytest.mark.parametrize(
    ("word", "kind", "form"),
    [
        ("love", "v", "loving"), ("stop", "v", "stopped"), ("satisfy", "v", "satisfied"), ("amaze", "v", "amazed"),
        ("happy", "a", "happily"), ("nice", "a", "nicest"), ("horrible", "a", "horribly"), ("loss", "n", "losses"),
    ],
)  # fmt: skip
def test_words_are_inflected(word: str, kind: str, form: str) -> None:
    assert form in set(inflections(word, kind))


def test_every_valence_is_within_its_scale() -> None:
    lexicon = opinion_lexicon()
    values = [*lexicon.words.values(), *(valence for found in lexicon.phrases.values() for _, valence in found)]
    assert len(values) > 5000
    assert all(0 < abs(value) <= 4 for value in values)
