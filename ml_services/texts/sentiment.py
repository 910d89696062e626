"""Learns polarity from labelled texts: candidates compete in cross-validation, the best calibrated one serves.

TF-IDF with naive Bayes and naive-Bayes-weighted logistic regression follow Wang & Manning, "Baselines and Bigrams",
ACL 2012. Every candidate ends as weights of the same additive scorer.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ml_services.texts.lexicon import opinion_lexicon
from ml_services.texts.logistic import fit
from ml_services.texts.scoring import PRIOR_WEIGHTS, SOURCES, Term, TextScorer, grams, opinions, tf_idf
from ml_services.texts.tokens import split

Floats = npt.NDArray[np.float64]

MOST_TERMS = 30_000
FEWEST_TEXTS_A_TERM = 2
FOLDS = 5
SOURCE_PENALTY, WORD_PENALTY, BASE_PENALTY = 10.0, 1.0, 10.0
"""Precision of the priors: the lexicon's weights move by ~0.3 only where hundreds of texts say so."""
STACKED_SCALE = 1.0
"""How loud the company's words are beside the lexicon, before learning."""
NB_SMOOTHING = 1.0


@dataclass(slots=True)
class Matrix:
    """`lexicon` (n, 3) sums by source; `words` (n, terms) sparse TF-IDF; `terms` and `idf` name its columns."""

    lexicon: Floats
    words: Any
    terms: list[str]
    idf: Floats


@dataclass(slots=True)
class Weights:
    """`sources` (3,), `words` (terms,), one intercept."""

    sources: Floats
    words: Floats
    intercept: float

    def raw(self, matrix: Matrix, rows: npt.NDArray[np.int64]) -> Floats:
        result: Floats = matrix.lexicon[rows] @ self.sources + matrix.words[rows] @ self.words + self.intercept
        return result


Fit = Callable[[Matrix, npt.NDArray[np.int64], Floats], Weights]


def build(texts: Sequence[str]) -> Matrix:
    from scipy.sparse import csr_matrix

    lexicon = opinion_lexicon()
    split_texts = [split(text) for text in texts]
    frequency: Counter[str] = Counter()
    for tokens in split_texts:
        frequency.update(list(dict.fromkeys(grams(tokens))))  # in the text's order, whatever the hash seed
    kept = [name for name, count in frequency.most_common(MOST_TERMS) if count >= FEWEST_TEXTS_A_TERM]
    idf = {name: math.log((1 + len(texts)) / (1 + frequency[name])) + 1.0 for name in kept}
    position = {name: at for at, name in enumerate(kept)}
    sums = np.zeros((len(texts), len(SOURCES)))
    data: list[float] = []
    columns: list[int] = []
    ends = [0]
    for row, tokens in enumerate(split_texts):
        for _, source, valence in opinions(tokens, lexicon):
            sums[row, SOURCES.index(source)] += valence
        for name, share in tf_idf(tokens, idf):
            data.append(share)
            columns.append(position[name])
        ends.append(len(data))
    words = csr_matrix((data, columns, ends), shape=(len(texts), len(kept)))
    return Matrix(sums, words, kept, np.array([idf[name] for name in kept]))


def naive_bayes_ratio(words: Any, y: Floats) -> Floats:
    """log P(term | praise) - log P(term | blame), smoothed."""
    praise = np.asarray(words.T @ y).ravel() + NB_SMOOTHING
    blame = np.asarray(words.T @ (1.0 - y)).ravel() + NB_SMOOTHING
    ratio: Floats = np.log(praise / praise.sum()) - np.log(blame / blame.sum())
    return ratio


def lexicon_only(matrix: Matrix, rows: npt.NDArray[np.int64], y: Floats) -> Weights:
    return _stacked(matrix, rows, y, np.zeros(len(matrix.terms)))


def naive_bayes(matrix: Matrix, rows: npt.NDArray[np.int64], y: Floats) -> Weights:
    share = np.clip(y.mean(), 1e-6, 1 - 1e-6)
    ratio = naive_bayes_ratio(matrix.words[rows], y)
    return Weights(np.zeros(len(SOURCES)), ratio, float(np.log(share / (1 - share))))


def word_logistic(matrix: Matrix, rows: npt.NDArray[np.int64], y: Floats) -> Weights:
    from scipy.sparse import csr_matrix, hstack

    X = hstack([matrix.words[rows], csr_matrix(np.ones((len(rows), 1)))]).tocsr()
    penalty = np.append(np.full(len(matrix.terms), 0.2), 0.0)
    found = fit(X, y, np.zeros(X.shape[1]), penalty)
    return Weights(np.zeros(len(SOURCES)), found[:-1], float(found[-1]))


def stacked(scale: float, by_ratio: bool) -> Fit:
    """The lexicon and the words together; `by_ratio` weighs each word by its naive Bayes ratio first."""

    def learn(matrix: Matrix, rows: npt.NDArray[np.int64], y: Floats) -> Weights:
        loudness = np.abs(naive_bayes_ratio(matrix.words[rows], y)) if by_ratio else np.ones(len(matrix.terms))
        return _stacked(matrix, rows, y, loudness * scale)

    return learn


def _stacked(matrix: Matrix, rows: npt.NDArray[np.int64], y: Floats, loudness: Floats) -> Weights:
    from scipy.sparse import csr_matrix, diags, hstack

    loud = np.flatnonzero(loudness > 0)
    words = matrix.words[rows][:, loud] @ diags(loudness[loud]) if len(loud) else csr_matrix((len(rows), 0))
    X = hstack([csr_matrix(matrix.lexicon[rows]), words, csr_matrix(np.ones((len(rows), 1)))]).tocsr()
    prior = np.array([*PRIOR_WEIGHTS.values(), *[0.0] * (len(loud) + 1)])
    penalty = np.array([*[SOURCE_PENALTY] * len(SOURCES), *[WORD_PENALTY] * len(loud), BASE_PENALTY])
    found = fit(X, y, prior, penalty)
    coefficients = np.zeros(len(matrix.terms))
    coefficients[loud] = found[len(SOURCES) : -1] * loudness[loud]
    return Weights(found[: len(SOURCES)], coefficients, float(found[-1]))


CANDIDATES: dict[str, Fit] = {
    "opinion lexicon": lexicon_only,
    "TF-IDF + naive Bayes": naive_bayes,
    "TF-IDF + logistic regression": word_logistic,
    "lexicon + TF-IDF + logistic regression": stacked(STACKED_SCALE, by_ratio=False),
    "lexicon + NB-weighted TF-IDF + logistic regression": stacked(STACKED_SCALE, by_ratio=True),
}


def scorer(matrix: Matrix, weights: Weights) -> TextScorer:
    """The dictionaries that serve; terms without weight stay, since they are part of each text's length."""
    learned = bool(np.any(weights.words))
    terms = {
        name: Term(float(idf), float(weight))
        for name, idf, weight in zip(matrix.terms, matrix.idf, weights.words, strict=True)
        if learned
    }
    sources = dict(zip(SOURCES, map(float, weights.sources), strict=True))
    return TextScorer(opinion_lexicon(), sources, terms, weights.intercept)


def out_of_fold(matrix: Matrix, rows: npt.NDArray[np.int64], y: Floats, learn: Fit, seed: int) -> Floats:
    """Raw scores of `rows`, each by weights that did not see it; folds hold the same mix of labels."""
    order = np.lexsort((np.random.default_rng(seed).random(len(y)), y))
    fold = np.empty(len(y), dtype=np.int64)
    fold[order] = np.arange(len(y)) % FOLDS
    raw = np.zeros(len(y))
    for number in range(FOLDS):
        inside = fold == number
        if inside.any():
            raw[inside] = learn(matrix, rows[~inside], y[~inside]).raw(matrix, rows[inside])
    return raw
