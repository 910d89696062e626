"""Opinion words and phrases, and how much each leans to praise or blame.

They are our own (`opinion_lexicon.txt`); the words of vaderSentiment are kept beside them as a second opinion.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("opinion_lexicon.txt")
_VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`phrases` by first word, longest first."""

    words: Mapping[str, float]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], float], ...]]
    second: Mapping[str, float]


@functools.cache
def opinion_lexicon() -> Lexicon:
    """The words that come with the product; read once a process."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    words, inflected, phrases = _read(_FILE.read_text(encoding="utf-8"))
    by_first: dict[str, list[tuple[tuple[str, ...], float]]] = {}
    for phrase, valence in phrases.items():
        by_first.setdefault(phrase[0], []).append((phrase, valence))
    ordered = {first: tuple(sorted(found, key=lambda item: -len(item[0]))) for first, found in by_first.items()}
    return Lexicon({**inflected, **words}, ordered, dict(SentimentIntensityAnalyzer().lexicon))


def _read(text: str) -> tuple[dict[str, float], dict[str, float], dict[tuple[str, ...], float]]:
    words: dict[str, float] = {}
    inflected: dict[str, float] = {}
    phrases: dict[tuple[str, ...], float] = {}
    valence, kind = 0.0, "x"
    for line in _joined(text):
        if line.startswith("["):
            head = line[1:-1].split()
            valence, kind = float(head[0]), head[1]
            continue
        for entry in line.split(",") if kind == "p" else line.split():
            parts = tuple(entry.replace("-", " ").split()) if entry[0].isalpha() or kind == "p" else (entry,)
            if len(parts) > 1:
                phrases.setdefault(parts, valence)
            elif parts:
                words.setdefault(parts[0], valence)
                for form in inflections(parts[0], kind):
                    inflected.setdefault(form, valence)
    return words, inflected, phrases


def _joined(text: str) -> Iterator[str]:
    """Heads alone, and each group's lines as one: a phrase may be broken over two lines."""
    body: list[str] = []
    for line in text.splitlines():
        if line.startswith(("[", "#")):
            if body:
                yield " ".join(body)
                body = []
            if line.startswith("["):
                yield line
        elif line:
            body.append(line)
    if body:
        yield " ".join(body)


def inflections(word: str, kind: str) -> Iterator[str]:
    """The regular forms of an English verb (v), adjective (a) or noun (n)."""
    stem = word[:-1] if word.endswith("e") else word
    consonant_y = word.endswith("y") and word[-2:-1] not in _VOWELS
    if kind in {"v", "n"}:
        yield word[:-1] + "ies" if consonant_y else word + ("es" if word.endswith(("s", "sh", "ch", "x", "z")) else "s")
    if word.endswith("iz") or "iz" in word[-4:-1]:
        yield from inflections(word.replace("iz", "is"), kind)
    if kind == "v":
        doubled = _doubled(word)
        yield (word[:-1] + "ied") if consonant_y else doubled + "ed" if doubled else stem + "ed"
        yield (doubled or stem) + "ing"
    if kind == "a":
        yield (word[:-1] + "ily") if consonant_y else word[:-1] + "y" if word.endswith("le") else word + "ly"
        base = word[:-1] + "i" if consonant_y else _doubled(word) or stem
        if len(word) <= 7:
            yield base + "er"
            yield base + "est"
        yield (word[:-1] + "i" if consonant_y else word) + "ness"


def _doubled(word: str) -> str:
    """'stop' -> 'stopp': a short word that ends consonant, vowel, consonant."""
    short = len(word) <= 4 and len(word) >= 3
    closed = word[-1] not in _VOWELS + "wxy" and word[-2] in _VOWELS and word[-3] not in _VOWELS
    return word + word[-1] if short and closed else ""
