"""Invented people and businesses: names put together from syllables, addresses under example.com."""

from __future__ import annotations

import numpy as np

# fmt: off
_STARTS = [
    "al", "bel", "cor", "dan", "el", "fa", "gil", "har", "iva", "jo", "kel", "lor", "mar", "nel", "ori", "pa",
    "quin", "ros", "sil", "tam", "ul", "ver", "wil", "yan", "zel",
]
_MIDDLES = ["a", "ba", "den", "di", "ga", "la", "len", "li", "mi", "na", "no", "ra", "ri", "sa", "ta", "ven", "vi"]
_ENDS = ["do", "go", "ka", "la", "lin", "mer", "na", "nis", "ra", "ro", "sen", "son", "ta", "ton", "vik", "za"]
_FIRMS = ["Works", "Studio", "Partners", "Group", "House", "Labs", "Point", "Corner", "Collective", "Hub"]
# fmt: on


def syllables(rng: np.random.Generator, middles: int = 1) -> str:
    """A made-up name such as 'Belradon'."""
    parts = [str(rng.choice(_STARTS)), *(str(rng.choice(_MIDDLES)) for _ in range(middles)), str(rng.choice(_ENDS))]
    return "".join(parts).capitalize()


def person(rng: np.random.Generator) -> str:
    return f"{syllables(rng, 0)} {syllables(rng, 1)}"


def firm(rng: np.random.Generator) -> str:
    return f"{syllables(rng, 1)} {rng.choice(_FIRMS)}"


def address(name: str, number: int) -> str:
    """One e-mail address a person: the number keeps namesakes apart."""
    return f"{name.lower().replace(' ', '.')}{number}@example.com"


def code(rng: np.random.Generator, prefix: str, length: int = 14) -> str:
    """An identifier as payment services write them."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789"
    return prefix + "".join(letters[at] for at in rng.integers(0, len(letters), length))
