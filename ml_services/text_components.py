"""A free text as a few numbers: TF-IDF projected onto its strongest directions (latent semantic analysis,
Deerwester et al., JASIS 1990). Learned with scikit-learn, applied without it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

_WORD = re.compile(r"\w\w+")
MOST_WORDS = 2_000
MOST_TEXTS = 20_000
MOST_CHARACTERS = 10_000_000
"""Texts learned from: more change the directions little and cost seconds."""
MOST_COMPONENTS = 8
LEAST_TEXTS_A_WORD = 5
COMMONEST_SHARE = 0.9
"""Words in more of the texts than this tell them apart no better than chance."""


@dataclass(frozen=True, slots=True)
class TextComponents:
    """`words`: word to (its inverse document frequency, that times its row of the directions)."""

    size: int = 0
    words: dict[str, tuple[float, tuple[float, ...]]] = field(default_factory=dict)

    @classmethod
    def fit(cls, texts: Sequence[str], seed: int = 42) -> TextComponents:
        """No components where too few words come often enough."""
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        step = max(1, len(texts) // MOST_TEXTS, sum(map(len, texts)) // MOST_CHARACTERS)
        sample = list(texts[::step])
        if len(sample) < 2 * LEAST_TEXTS_A_WORD:
            return cls()
        vectorizer = TfidfVectorizer(
            analyzer=words_of,
            max_features=MOST_WORDS,
            min_df=LEAST_TEXTS_A_WORD,
            max_df=COMMONEST_SHARE,
            sublinear_tf=True,
        )
        try:
            matrix = vectorizer.fit_transform(sample)
        except ValueError:  # no word is left between the two frequencies
            return cls()
        size = min(MOST_COMPONENTS, matrix.shape[1] - 1)
        if size < 1:
            return cls()
        directions = TruncatedSVD(size, random_state=seed).fit(matrix).components_
        words = {}
        for word, column in sorted(vectorizer.vocabulary_.items()):
            idf = float(vectorizer.idf_[column])
            words[word] = (idf, tuple(float(idf * weight) for weight in directions[:, column]))
        return cls(size, words)

    def transform(self, text: str) -> tuple[int, list[float]]:
        """How many words, and the components; zeros where no word is known."""
        found = words_of(text)
        totals = [0.0] * self.size
        squares = 0.0
        for word, count in Counter(found).items():
            known = self.words.get(word)
            if known is not None:
                frequency = 1.0 + math.log(count)
                squares += (frequency * known[0]) ** 2
                for k, weight in enumerate(known[1]):
                    totals[k] += frequency * weight
        if squares > 0.0:
            norm = math.sqrt(squares)
            totals = [total / norm for total in totals]
        return len(found), totals


def words_of(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
