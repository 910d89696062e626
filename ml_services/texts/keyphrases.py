"""Keyphrases of one text, without training: runs of words between function words and verbs, scored by how often and
how early they occur and by their length.

Candidates as in RAKE (Rose et al., "Automatic keyword extraction", 2010), but cut also at verbs and adverbs, so that
what remains is near to noun phrases (Hulth, EMNLP 2003); early position as in KEA (Witten et al., 1999). Texts in
other languages go to YAKE (Campos et al., Information Sciences 509, 2020), which has stop words for 33 of them.
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ml_services.texts.lexicon import inflections
from ml_services.texts.tokens import plain

_FILE = Path(__file__).with_name("function_words.txt")
_TOKEN = re.compile(r"[^\W\d_][^\W\d_']*(?:'[^\W\d_]+)?(?:[-&][^\W_]+)*|\d+(?:[.,]\d+)*|[^\s\w]|\n\s*\n")
_ADJECTIVE = re.compile(r"(?:ous|ful|less|able|ible|ish)$")
_NOUNS_IN_LY = frozenset(
    ("family", "supply", "assembly", "anomaly", "reply", "july", "italy", "jelly", "rally", "monopoly", "butterfly")
)
LENGTH_WEIGHTS = (0.4, 1.0, 1.1, 0.9)
"""Of one to four words; people choose two or three (Hulth 2003: most of Inspec's keys)."""
FREQUENCY_WEIGHT, POSITION_WEIGHT = 0.25, 0.5
SHORTEST_WORD = 3
SHORTEST_SPAN = 50
"""Tokens: in a shorter text, position says less."""
LONGEST_PARTICIPLE = 4
ENGLISH_SHARE = 0.15
"""English prose has over 40 % function words; a text below this share is another language or no prose."""
OTHER_LANGUAGE_SHARE = 0.12
YAKE_WORDS = 3


@dataclass(frozen=True, slots=True)
class Keyphrase:
    """`score` in (0, 1], 1 for the text's strongest; `count` occurrences, the first at token `first` of `tokens`."""

    phrase: str
    score: float
    count: int
    first: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Grammar:
    """Words that end a phrase, and words that no phrase begins or ends with."""

    breaks: frozenset[str]
    edges: frozenset[str]


@functools.cache
def grammar() -> Grammar:
    """Read once a process."""
    groups: dict[str, list[str]] = {}
    name = ""
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name = line[1:-1]
        elif not line.startswith("#"):
            groups.setdefault(name, []).extend(line.split())
    verbs = {form for verb in groups["verb"] for form in (verb, *inflections(verb, "v"))}
    return Grammar(frozenset(groups["break"]) | verbs, frozenset(groups["edge"]))


def keyphrases(text: str, most: int = 10) -> list[Keyphrase]:
    """The strongest phrases, best first; none where the text holds no word that could be one."""
    tokens = _TOKEN.findall(plain(text))
    words = [token.casefold() for token in tokens if token[0].isalpha()]
    known = grammar()
    if len(words) >= SHORTEST_WORD * 2 and sum(word in known.breaks for word in words) < ENGLISH_SHARE * len(words):
        language = other_language(words)
        if language:
            return _by_yake(text, language, len(tokens), most)
    return _scored(_runs(tokens, known), len(tokens), most)


def _runs(tokens: list[str], known: Grammar) -> list[tuple[int, list[str]]]:
    """(position, words) of each run that may be a phrase."""
    runs: list[tuple[int, list[str]]] = []
    start, run = 0, list[str]()
    for at, token in enumerate([*tokens, "."]):
        folded = token.casefold()
        if token[0].isalnum() and folded not in known.breaks and not _is_adverb(folded):
            start = at if not run else start
            run.append(token)
            continue
        begin, end = _trimmed(run, known)
        if 0 < end - begin <= len(LENGTH_WEIGHTS) and (end - begin > 1 or len(run[begin]) >= SHORTEST_WORD):
            runs.append((start + begin, run[begin:end]))
        run = []
    return runs


def _is_adverb(word: str) -> bool:
    return word.endswith("ly") and len(word) > SHORTEST_WORD + 1 and word not in _NOUNS_IN_LY


def _trimmed(run: list[str], known: Grammar) -> tuple[int, int]:
    begin, end = 0, len(run)
    while begin < end and (run[begin].casefold() in known.edges or run[begin][0].isdigit()):
        begin += 1
    while end > begin and _ends_nothing(run[end - 1], known):
        end -= 1
    return begin, end


def _ends_nothing(word: str, known: Grammar) -> bool:
    """A number, an adjective or a participle is not the head of a phrase."""
    folded = word.casefold()
    participle = folded.endswith("ed") and len(folded) > LONGEST_PARTICIPLE
    return folded in known.edges or word[0].isdigit() or participle or bool(_ADJECTIVE.search(folded))


def _scored(runs: list[tuple[int, list[str]]], tokens: int, most: int) -> list[Keyphrase]:
    counts: Counter[str] = Counter()
    firsts: dict[str, tuple[int, list[str]]] = {}
    for at, words in runs:
        key = " ".join(singular(word.casefold()) for word in words)
        counts[key] += 1
        firsts.setdefault(key, (at, words))
    strengths = {
        key: LENGTH_WEIGHTS[len(words) - 1]
        * (1.0 + FREQUENCY_WEIGHT * math.log(counts[key]))
        / (1.0 + POSITION_WEIGHT * at / max(tokens, SHORTEST_SPAN))
        for key, (at, words) in firsts.items()
    }
    order = sorted(strengths, key=lambda key: (-strengths[key], firsts[key][0]))[:most]
    return [
        Keyphrase(" ".join(firsts[key][1]), strengths[key] / strengths[order[0]], counts[key], firsts[key][0], tokens)
        for key in order
    ]


def singular(word: str) -> str:
    """One form for singular and plural; good enough to count together, not to be shown."""
    if len(word) <= SHORTEST_WORD or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word.removesuffix("s")


@functools.cache
def _stop_words() -> dict[str, frozenset[str]]:
    import yake

    folder = Path(yake.__file__).parent / "core" / "StopwordsList"
    return {
        path.stem.removeprefix("stopwords_"): frozenset(path.read_text(encoding="utf-8", errors="replace").split())
        for path in sorted(folder.glob("stopwords_??.txt"))
    }


def other_language(words: list[str]) -> str:
    """The language (as YAKE names it) whose stop words make up most of the text; '' where none makes up enough."""
    shares = {name: sum(word in stops for word in words) / len(words) for name, stops in _stop_words().items()}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= OTHER_LANGUAGE_SHARE and best != "en" else ""


@functools.cache
def _extractor(language: str, most: int) -> object:
    import yake

    return yake.KeywordExtractor(lan=language, n=YAKE_WORDS, top=most)


def _by_yake(text: str, language: str, tokens: int, most: int) -> list[Keyphrase]:
    """YAKE's score is smaller for better phrases; it is turned into a share of the best one's."""
    found = _extractor(language, most).extract_keywords(plain(text))  # type: ignore[attr-defined]
    folded = text.casefold()
    best = min((score for _, score in found), default=1.0)
    return [
        Keyphrase(phrase, float(best / score) if score > 0 else 1.0, max(folded.count(phrase.casefold()), 1), 0, tokens)
        for phrase, score in found
    ]
