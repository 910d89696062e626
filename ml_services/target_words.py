"""Which of two values of a yes/no target means yes, where words or numbers leave no doubt."""

from __future__ import annotations

YES_WORDS = frozenset(
    """yes y true t vrai oui si sí sim ja da tak wahr vero on positive pos churned churn left exited cancelled canceled
    attrited gone departed terminated converted won closed-won bought purchased subscribed accepted signed responded
    success successful buyer""".split()  # noqa: SIM905
)
NO_WORDS = frozenset(
    """no n false f faux non nein nao não nie falsch falso off negative neg stayed stay retained remained existing
    unconverted rejected declined failure failed""".split()  # noqa: SIM905
)
NEGATIONS = ("not ", "not_", "not-", "no ", "no_", "no-", "non ", "non_", "non-", "un", "in", "never ")


def obvious_yes(first: str, second: str) -> str | None:
    """The positive one of two values in canonical form, in natural order, or None where it is not obvious."""
    try:
        low = float(first)
        float(second)
    except ValueError:
        pass
    else:
        return second if low in (0.0, -1.0) else None
    for value, other in ((first, second), (second, first)):
        if any(other == negation + value for negation in NEGATIONS):
            return value
    verdicts = [_word_verdict(word) for word in (first, second)]
    if verdicts[0] == verdicts[1]:
        return None
    return first if verdicts[0] > verdicts[1] else second


def _word_verdict(word: str) -> int:
    """1 for a yes, -1 for a no, 0 for anything else; the first word counts ('attrited customer')."""
    stem = word.split()[0] if word.split() else word
    return 1 if {word, stem} & YES_WORDS else -1 if {word, stem} & NO_WORDS else 0
