"""Porter's stemmer (Program 14(3), 1980, "An algorithm for suffix stripping"), to compare keyphrases as papers do."""

from __future__ import annotations

import functools
import re

_CONSONANTS, _VOWELS = "[^aeiou][^aeiouy]*", "[aeiouy][aeiou]*"
_START = f"^(?:{_CONSONANTS})?"
_MEASURE_ABOVE_0 = re.compile(f"{_START}{_VOWELS}{_CONSONANTS}")
_MEASURE_IS_1 = re.compile(f"{_START}{_VOWELS}{_CONSONANTS}(?:{_VOWELS})?$")
_MEASURE_ABOVE_1 = re.compile(f"{_START}{_VOWELS}{_CONSONANTS}{_VOWELS}{_CONSONANTS}")
_HAS_VOWEL = re.compile(f"{_START}[aeiouy]")
_SHORT_END = re.compile("^[^aeiou][^aeiouy]*[aeiouy][^aeiouwxy]$")

_STEP_2 = {
    "ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize", "bli": "ble", "alli": "al",
    "entli": "ent", "eli": "e", "ousli": "ous", "ization": "ize", "ation": "ate", "ator": "ate", "alism": "al",
    "iveness": "ive", "fulness": "ful", "ousness": "ous", "aliti": "al", "iviti": "ive", "biliti": "ble", "logi": "log",
}  # fmt: skip
_STEP_3 = {"icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": ""}
_STEP_4 = (
    "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "al", "er",
    "ic", "ou",
)  # fmt: skip


@functools.cache
def stem(word: str) -> str:
    if len(word) < 3:
        return word
    word = "Y" + word[1:] if word.startswith("y") else word
    word = _without_tense(_without_plural(word))
    if word.endswith("y") and _HAS_VOWEL.match(word[:-1]):
        word = word[:-1] + "i"
    word = _replaced(_replaced(word, _STEP_2), _STEP_3)
    return _without_e(_without_suffix(word)).lower()


def _without_plural(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _without_tense(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _MEASURE_ABOVE_0.match(word[:-3]) else word
    ending = next((suffix for suffix in ("ed", "ing") if word.endswith(suffix)), "")
    base = word.removesuffix(ending)
    if not ending or not _HAS_VOWEL.match(base):
        return word
    if base.endswith(("at", "bl", "iz")) or _SHORT_END.match(base):
        return base + "e"
    doubled = len(base) > 1 and base[-1] == base[-2] and base[-1] not in "aeiouylsz"
    return base[:-1] if doubled else base


def _replaced(word: str, endings: dict[str, str]) -> str:
    for suffix in sorted(endings, key=len, reverse=True):
        if word.endswith(suffix):
            base = word.removesuffix(suffix)
            return base + endings[suffix] if _MEASURE_ABOVE_0.match(base) else word
    return word


def _without_suffix(word: str) -> str:
    for suffix in _STEP_4:
        if word.endswith(suffix):
            base = word.removesuffix(suffix)
            return base if _MEASURE_ABOVE_1.match(base) else word
    if word.endswith(("sion", "tion")) and _MEASURE_ABOVE_1.match(word[:-3]):
        return word[:-3]
    return word


def _without_e(word: str) -> str:
    base = word[:-1]
    if word.endswith("e") and (
        _MEASURE_ABOVE_1.match(base) or (_MEASURE_IS_1.match(base) and not _SHORT_END.match(base))
    ):
        word = base
    return word[:-1] if word.endswith("ll") and _MEASURE_ABOVE_1.match(word) else word
