"""A text's polarity as one additive sum: base + what each word and phrase adds = raw log-odds of praise.

Two kinds of evidence add up: opinion words in context (three weights, one a source) and the company's own words and
word pairs (a TF-IDF value times a coefficient each). Everything is dictionaries, so that one text costs no matrix.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ml_services.texts.context import find
from ml_services.texts.lexicon import Lexicon, opinion_lexicon
from ml_services.texts.tokens import MARK, Token, split

SOURCES = ("opinion", "hint", "vader")
PRIOR_WEIGHTS: Mapping[str, float] = {"opinion": 0.7, "hint": 0.6, "vader": 0.35}
"""Log-odds a point of valence before anything was learned: our own words say more than the second lexicon, which
repeats part of them. Training moves the weights away from here as far as the texts demand."""
HITS_AT_FULL_WEIGHT = 10
"""In longer texts opinions repeat one another: n of them count as about sqrt(10 n)."""


@dataclass(frozen=True, slots=True)
class Term:
    """A learned word or pair: inverse document frequency and log-odds for each unit of TF-IDF."""

    idf: float
    weight: float


@dataclass(slots=True)
class TextScorer:
    """`terms` by word, pairs joined by a blank."""

    lexicon: Lexicon = field(default_factory=opinion_lexicon)
    sources: Mapping[str, float] = field(default_factory=lambda: dict(PRIOR_WEIGHTS))
    terms: Mapping[str, Term] = field(default_factory=dict)
    intercept: float = 0.0

    def effects(self, text: str) -> tuple[float, dict[str, float]]:
        """Base, and the effect of each word or phrase as it reads in the text; raw is their sum."""
        tokens = split(text)
        totals: dict[str, float] = {}
        for name, source, valence in opinions(tokens, self.lexicon):
            totals[name] = totals.get(name, 0.0) + self.sources[source] * valence
        for name, share in tf_idf(tokens, {name: term.idf for name, term in self._present(tokens)}):
            totals[name] = totals.get(name, 0.0) + self.terms[name].weight * share
        return self.intercept, totals

    def raw(self, text: str) -> tuple[float, bool]:
        """Log-odds, and whether the text held anything known at all."""
        base, effects = self.effects(text)
        return base + math.fsum(effects.values()), bool(effects)

    def _present(self, tokens: list[Token]) -> list[tuple[str, Term]]:
        known = self.terms
        return [(name, known[name]) for name in dict.fromkeys(grams(tokens)) if name in known] if known else []


def opinions(tokens: list[Token], lexicon: Lexicon) -> list[tuple[str, str, float]]:
    """(words as they read, source, valence in context and damped by the number of opinions)."""
    hits = find(tokens, lexicon)
    count = sum(hit.source != "vader" for hit in hits)
    damping = math.sqrt(HITS_AT_FULL_WEIGHT / max(count, HITS_AT_FULL_WEIGHT))
    return [
        (" ".join(token.text for token in tokens[hit.start : hit.end]), hit.source, hit.valence * damping)
        for hit in hits
    ]


def grams(tokens: list[Token]) -> list[str]:
    """Words, numbers and signs, and pairs of neighbours within a clause."""
    found: list[str] = []
    previous = ""
    for token in tokens:
        if token.kind == MARK:
            previous = ""
            continue
        found.append(token.text)
        if previous:
            found.append(f"{previous} {token.text}")
        previous = token.text
    return found


def tf_idf(tokens: list[Token], idf: Mapping[str, float]) -> list[tuple[str, float]]:
    """(term, weight): (1 + log tf) * idf, scaled to length one (Manning et al., Information Retrieval, 6.4)."""
    if not idf:
        return []
    counts = Counter(name for name in grams(tokens) if name in idf)
    values = {name: (1.0 + math.log(count)) * idf[name] for name, count in counts.items()}
    norm = math.sqrt(math.fsum(value * value for value in values.values()))
    return [(name, value / norm) for name, value in values.items()]
