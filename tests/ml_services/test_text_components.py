"""Texts as a few numbers."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from ml_services.text_components import TextComponents, words_of

KIND = "the staff was kind and the room was clean"
LATE = "my parcel came late and the box was broken"
TEXTS = [f"{text} number {k}" for k in range(40) for text in (KIND, LATE)]


def test_components_are_those_of_tfidf_and_svd() -> None:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    components = TextComponents.fit(TEXTS)
    vectorizer = TfidfVectorizer(analyzer=words_of, min_df=5, max_df=0.9, sublinear_tf=True)
    matrix = vectorizer.fit_transform(TEXTS)
    expected = TruncatedSVD(components.size, random_state=42).fit_transform(matrix)
    ours = np.array([components.transform(text)[1] for text in TEXTS])
    np.testing.assert_allclose(ours[:, 0], expected[:, 0], atol=1e-9)
    np.testing.assert_allclose(np.abs(ours[:, 1]), np.abs(expected[:, 1]), atol=1e-9)


def test_texts_of_one_theme_are_nearer_than_of_two() -> None:
    components = TextComponents.fit(TEXTS)
    kind, clean, late = (np.array(components.transform(text)[1]) for text in (KIND, "a clean room, kind staff", LATE))
    assert kind @ clean > kind @ late


def test_words_are_counted_and_unknown_ones_weigh_nothing() -> None:
    components = TextComponents.fit(TEXTS)
    assert components.transform("Xyzzy plugh!") == (2, [0.0] * components.size)
    assert components.transform("") == (0, [0.0] * components.size)


@pytest.mark.parametrize("texts", [[], ["one text"], [f"word{k} word{k + 1}" for k in range(50)], ["same same"] * 50])
def test_where_nothing_repeats_usefully_there_are_no_components(texts: list[str]) -> None:
    assert TextComponents.fit(texts).size == 0


def test_learning_is_repeatable_and_survives_pickling() -> None:
    once, again = TextComponents.fit(TEXTS), TextComponents.fit(TEXTS)
    assert once == again
    assert pickle.loads(pickle.dumps(once)) == once  # noqa: S301 - our own bytes
