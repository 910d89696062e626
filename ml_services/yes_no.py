"""Pairs of words that mean yes and no."""

from __future__ import annotations

from collections.abc import Collection

PAIRS: tuple[tuple[str, str], ...] = (
    ("yes", "no"),
    ("true", "false"),
    ("1", "0"),
    ("1.0", "0.0"),
    ("y", "n"),
    ("t", "f"),
    ("on", "off"),
    ("oui", "non"),
    ("vrai", "faux"),
    ("o", "n"),
    ("ja", "nein"),
    ("wahr", "falsch"),
    ("j", "n"),
    ("sí", "no"),
    ("si", "no"),
    ("verdadero", "falso"),
    ("s", "n"),
    ("sim", "não"),
    ("sim", "nao"),
    ("vero", "falso"),
    ("ja", "nee"),
)
"""(yes, no) in English, French, German, Spanish, Portuguese, Italian and Dutch, casefolded."""

YES_WORDS: frozenset[str] = frozenset(yes for yes, _ in PAIRS)
NO_WORDS: frozenset[str] = frozenset(no for _, no in PAIRS)


def yes_no_pair(spellings: Collection[str]) -> tuple[str, str] | None:
    """The spellings of (no, yes) where exactly these two values are such a pair, else None."""
    if len(spellings) != 2:
        return None
    first, second = spellings
    folded = (first.strip().casefold(), second.strip().casefold())
    if folded in PAIRS:
        return second, first
    return (first, second) if folded[::-1] in PAIRS else None
