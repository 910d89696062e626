"""Which two spellings are yes and no."""

from __future__ import annotations

import pytest

from ml_services.yes_no import NO_WORDS, YES_WORDS, yes_no_pair


@pytest.mark.parametrize(
    ("no", "yes"),
    [("No", "Yes"), ("FAUX", "VRAI"), ("non", "oui"), ("nein", "ja"), ("no", "sí"), ("0", "1"), ("false", "TRUE"),
     ("N", "Y"), ("f", "t"), ("falsch", "wahr"), ("falso", "verdadero"), ("N", "J")],
)  # fmt: skip
def test_a_pair_is_known_in_any_order_and_case(no: str, yes: str) -> None:
    assert yes_no_pair([yes, no]) == (no, yes)
    assert yes_no_pair([no, yes]) == (no, yes)


@pytest.mark.parametrize(
    "spellings", [[], ["Yes"], ["Yes", "No", "Maybe"], ["Male", "Female"], ["1", "2"], ["Yes", "0"]]
)
def test_anything_else_is_no_pair(spellings: list[str]) -> None:
    assert yes_no_pair(spellings) is None


def test_no_word_means_both() -> None:
    assert not YES_WORDS & NO_WORDS
