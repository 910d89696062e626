"""Keyphrases without training."""

from __future__ import annotations

import time
import zipfile

import pytest

from ml_services.texts.keyphrases import keyphrases, singular
from ml_services.texts.tokens import MAX_CHARACTERS
from tests.ml_services.text_samples import SHARED

ABSTRACT = """Mass flow controllers for process gas. We describe a new mass flow controller that quickly measures
process gas. The controller is calibrated by a surrogate gas, and digital control reduces the drift of mass flow
controllers in semiconductor fabs."""


def phrases(text: str) -> list[str]:
    return [found.phrase for found in keyphrases(text)]


def test_noun_phrases_are_found_best_first() -> None:
    found = keyphrases(ABSTRACT)
    assert found[0].phrase.lower() == "mass flow controllers"
    assert {"digital control", "surrogate gas", "process gas"} <= {one.phrase for one in found}
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(0 < one.score <= 1 for one in found)


def test_singular_and_plural_count_together() -> None:
    assert next(one.count for one in keyphrases(ABSTRACT) if one.phrase == "Mass flow controllers") == 3


@pytest.mark.parametrize("text", ["", "the of and", "....", "12 34", "🙂"])
def test_a_text_without_words_has_no_phrases(text: str) -> None:
    assert phrases(text) == []


def test_no_phrase_begins_or_ends_with_a_function_word() -> None:
    for phrase in phrases("The quality of the very good support and the long list of open tickets was discussed."):
        assert not {phrase.split()[0].lower(), phrase.split()[-1].lower()} & {"the", "of", "very", "and", "was"}


def test_at_most_ten_are_given() -> None:
    text = ". ".join(f"the alpha{chr(97 + n)} beta{chr(97 + n)}" for n in range(26))
    assert len(phrases(text)) == 10


def test_other_languages_are_understood() -> None:
    german = "Die Lieferung der Waschmaschine hat sich um zwei Wochen verspätet und niemand ist zu erreichen."
    assert any("Waschmaschine" in phrase for phrase in phrases(german))
    assert not {"der", "und", "die"} & {phrase.lower() for phrase in phrases(german)}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("systems", "system"),
        ("studies", "study"),
        ("boxes", "box"),
        ("analysis", "analysis"),
        ("gas", "gas"),
        ("class", "class"),
    ],
)
def test_plurals_are_folded(word: str, expected: str) -> None:
    assert singular(word) == expected


@pytest.mark.parametrize("unit", ["a-", "'a", "a b, ", "der und ", "\n", "A", "word ", "<b>x", "&&&", "1.1.", "e&"])
def test_hostile_repetition_is_read_in_time(unit: str) -> None:
    keyphrases("der die das und ist nicht von mit")  # imports and stop words, once
    began = time.process_time()
    keyphrases((unit * MAX_CHARACTERS)[:MAX_CHARACTERS])
    assert time.process_time() - began < 2.0


def test_abstracts_are_tagged_better_than_by_tf_idf_of_chunks() -> None:
    """F1 at 10 on real abstracts, plurals folded on both sides; a stricter match than stemming."""
    path = SHARED / "tagging" / "Inspec.zip"
    if not path.exists():
        pytest.skip(f"the shared data is absent: {path.name}")
    hits = given = wanted = 0
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".txt") and "docsutf8" in name)[::10]
        for name in names:
            keys = archive.read(name.replace("docsutf8", "keys").replace(".txt", ".key")).decode("utf-8", "replace")
            truth = {folded(key) for key in keys.splitlines() if key.strip()}
            found = {folded(phrase) for phrase in phrases(archive.read(name).decode("utf-8", "replace"))}
            hits, given, wanted = hits + len(truth & found), given + len(found), wanted + len(truth)
    assert 2 * hits / (given + wanted) > 0.27


def folded(phrase: str) -> str:
    return " ".join(singular(word) for word in phrase.casefold().replace("-", " ").split())
