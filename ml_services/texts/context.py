"""Opinion words in context: what each leans to after negation, intensifiers, contrast and capitals.

The rules follow Hutto & Gilbert, "VADER", ICWSM 2014 (intensifiers, capitals, 'but') and Taboada et al.,
"Lexicon-based methods", Computational Linguistics 37(2), 2011 (negation weakens rather than mirrors; phrases first).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from ml_services.texts.lexicon import Lexicon
from ml_services.texts.tokens import MARK, Token

# fmt: off
NEGATORS = frozenset((
    "not", "no", "never", "nothing", "nobody", "none", "nowhere", "neither", "nor", "without", "cannot", "hardly",
    "barely", "scarcely", "rarely", "seldom", "lack", "lacks", "lacking", "lacked",
))
_STRONG = (
    "very", "really", "so", "extremely", "incredibly", "absolutely", "totally", "completely", "highly", "super",
    "truly",
)
_FIRM = (
    "too", "such", "especially", "particularly", "quite", "pretty", "most", "more", "much", "deeply", "utterly",
    "insanely", "soo",
)
_WEAK = ("somewhat", "slightly", "fairly", "partly", "almost", "kinda", "sorta", "little", "mildly", "occasionally")
# fmt: on
INTENSIFIERS: Mapping[str, float] = {
    **dict.fromkeys(_STRONG, 1.3),
    **dict.fromkeys(_FIRM, 1.15),
    **dict.fromkeys(_WEAK, 0.6),
}
CONTRASTS = frozenset({"but", "however", "nevertheless", "nonetheless"})
ADVERB = 1.15
"""An adverb right before an opinion that is in no list of intensifiers: 'wonderfully crisp'."""
NEGATION_REACH = 4
POSITIVE_NEGATED, NEGATIVE_NEGATED = -0.8, -0.5
BEFORE_CONTRAST, AFTER_CONTRAST = 0.6, 1.3
SHOUTED, EXCLAIMED = 1.2, 1.1
HINT = 1.0
"""Words of at most this weight hint at praise or blame without saying it ('told', 'waited', 'also')."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Tokens `start` to `end` (exclusive) lean by `valence`; `source` is opinion, hint or vader."""

    start: int
    end: int
    valence: float
    source: str


def is_negator(word: str) -> bool:
    return word in NEGATORS or word.endswith("n't")


def find(tokens: list[Token], lexicon: Lexicon) -> list[Hit]:
    """Every opinion in order of appearance, phrases before words, as weighed by its context."""
    ours = list(_spans(tokens, lexicon))
    swallowed = {at for start, end, _ in ours if end - start > 1 for at in range(start, end)}
    contrast = _contrast(tokens)
    hits = [
        Hit(start, end, _in_context(tokens, start, valence, swallowed) * contrast[start], _source(valence))
        for start, end, valence in ours
    ]
    for at, token in enumerate(tokens):
        theirs = lexicon.second.get(token.text)
        if theirs and not _only_stresses(tokens, at, lexicon):
            hits.append(Hit(at, at + 1, _in_context(tokens, at, theirs, frozenset()) * contrast[at], "vader"))
    return hits


def _source(valence: float) -> str:
    return "hint" if abs(valence) <= HINT else "opinion"


def _spans(tokens: list[Token], lexicon: Lexicon) -> Iterator[tuple[int, int, float]]:
    position, count = 0, len(tokens)
    while position < count:
        first = tokens[position].text
        end, valence = position + 1, lexicon.words.get(first, 0.0)
        for phrase, leaning in lexicon.phrases.get(first, ()):
            stop = position + len(phrase)
            if stop <= count and all(tokens[position + at].text == part for at, part in enumerate(phrase)):
                end, valence = stop, leaning
                break
        if valence and not (end - position == 1 and _only_stresses(tokens, position, lexicon)):
            yield position, end, valence
        position = end


def _only_stresses(tokens: list[Token], at: int, lexicon: Lexicon) -> bool:
    """'pretty' in 'pretty bad' and 'ridiculously' in 'ridiculously good' add weight, not an opinion of their own."""
    word = tokens[at].text
    if not (word in INTENSIFIERS or word.endswith("ly")) or at + 1 == len(tokens):
        return False
    following = tokens[at + 1].text
    return following in lexicon.words or following in lexicon.second or following in INTENSIFIERS


def _in_context(tokens: list[Token], start: int, valence: float, swallowed: Set[int]) -> float:
    """The valence after what stands before it in the same clause. A negator within a phrase negates the phrase only."""
    weight, negated = 1.0, False
    for back in range(1, NEGATION_REACH + 1):
        at = start - back
        if at < 0 or tokens[at].kind == MARK or tokens[at].text in CONTRASTS:
            break
        word = tokens[at].text
        if back <= 2:
            weight *= INTENSIFIERS.get(word, ADVERB if back == 1 and word.endswith("ly") else 1.0)
        negated = negated or (is_negator(word) and at not in swallowed)
    if tokens[start].shouted:
        weight *= SHOUTED
    if negated and not is_negator(tokens[start].text):
        weight *= POSITIVE_NEGATED if valence > 0 else NEGATIVE_NEGATED
    return valence * weight


def _contrast(tokens: list[Token]) -> list[float]:
    """One weight a token: in a sentence with a 'but', what follows it counts more than what went before."""
    weights = [1.0] * len(tokens)
    start = 0
    for at, token in enumerate(tokens):
        if token.kind == MARK and token.text[0] in ".!?\n":
            start = at + 1
        elif token.text in CONTRASTS and at > start:
            weights[start:at] = [weight * BEFORE_CONTRAST for weight in weights[start:at]]
            stop = at + 1
            while stop < len(tokens) and not (tokens[stop].kind == MARK and tokens[stop].text[0] in ".!?\n"):
                weights[stop] = AFTER_CONTRAST
                stop += 1
            start = stop
    return weights
