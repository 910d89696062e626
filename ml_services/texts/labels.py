"""Which column holds the texts, and what the labels beside them mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from ml_services.base import TrainingOptions
from platform_core.errors import TrainingRefused

TEXT_NAMES = ("text", "review", "comment", "message", "body", "content", "feedback", "sentence", "tweet", "description")
SHORTEST_MEAN = 8.0
"""A column whose values are shorter on average (in characters) holds codes, not texts."""
SAMPLE_ROWS = 2000

POSITIVE, NEUTRAL, NEGATIVE = 1.0, 0.5, 0.0
# fmt: off
_PRAISE = (
    "positive", "pos", "good", "praise", "happy", "favorable", "favourable", "+", "yes", "true", "recommended",
    "satisfied",
)
_BLAME = ("negative", "neg", "bad", "complaint", "unhappy", "unfavorable", "-", "no", "false", "dissatisfied")
# fmt: on
_WORDS: dict[str, float] = {
    **dict.fromkeys(_PRAISE, POSITIVE),
    **dict.fromkeys(("neutral", "neu", "mixed", "none", "objective", "ok"), NEUTRAL),
    **dict.fromkeys(_BLAME, NEGATIVE),
}
_STARS = re.compile(r"^([0-9]+(?:\.[05])?)\s*(?:stars?|\*|/\s*(?:5|10))?$", re.IGNORECASE)
_DELIMITERS = re.compile(r"\s*[;|]\s*")


def cells(table: pa.Table, name: str) -> list[str]:
    """The column as stripped texts, missing as ''."""
    return ["" if value is None else _spelled(value) for value in table.column(name).to_pylist()]


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def find_text_column(table: pa.Table, options: TrainingOptions) -> str:
    """The one said (`settings["text_column"]`), else one named like a text, else the one with the longest values."""
    taken = {options.target, options.id_column, options.time_column, *options.exclude}
    said = str(options.settings.get("text_column", ""))
    if said:
        if said not in table.column_names:
            raise TrainingRefused(f"There is no column '{said}' in the file.", attr="text_column")
        return said
    free = [name for name in table.column_names if name not in taken]
    named = {name.strip().casefold(): name for name in free}
    for candidate in TEXT_NAMES:
        if candidate in named:
            column: str = named[candidate]
            return column
    lengths = {name: _mean_length(table.slice(0, SAMPLE_ROWS).column(name)) for name in free}
    best = max(lengths, key=lambda name: lengths[name], default="")
    if not best or lengths[best] < SHORTEST_MEAN:
        raise TrainingRefused("The file has no column of texts beside the target.", attr="text_column")
    return best


def _mean_length(column: pa.ChunkedArray) -> float:
    texts = [value for value in column.to_pylist() if isinstance(value, str) and value.strip()]
    return sum(map(len, texts)) / len(texts) if texts else 0.0


def require_column(table: pa.Table, target: str) -> None:
    if not target:
        raise TrainingRefused("Say which column holds the labels (--target COLUMN).", attr="target")
    if target not in table.column_names:
        shown = ", ".join(f"'{name}'" for name in table.column_names[:20])
        raise TrainingRefused(f"There is no column '{target}' in the file. Its columns are: {shown}.", attr="target")


def read_polarity(values: Sequence[str], positive: str = "") -> tuple[list[float | None], str]:
    """1, 0.5 or 0 for each value, None where missing; and how the spellings were read.

    Understood: two values (`positive` says which is praise where it is not plain), words, -1/0/1, 1-5 and 1-10 stars.
    """
    folded = [value.strip().casefold() for value in values]
    kinds = sorted(set(folded) - {""})
    if len(kinds) < 2:
        raise TrainingRefused("The target needs at least a positive and a negative label.", attr="target")
    meaning = _two_values(kinds, positive.strip().casefold()) or _words(kinds) or _numbers(kinds)
    if meaning is None:
        shown = ", ".join(f"'{kind[:40]}'" for kind in kinds[:6])
        raise TrainingRefused(
            f"The labels {shown} are not understood. Use positive/neutral/negative, 1/0, -1/0/1 or 1-5 stars, or, "
            "for two labels, say which one is praise (--positive VALUE).",
            attr="target",
        )
    counts = Counter(folded)
    names = {POSITIVE: "positive", NEUTRAL: "neutral", NEGATIVE: "negative"}
    read = "; ".join(f"'{kind}' as {names[meaning[kind]]} ({counts[kind]})" for kind in kinds[:12])
    return [meaning[value] if value else None for value in folded], f"Labels read: {read}."


def _two_values(kinds: list[str], positive: str) -> dict[str, float] | None:
    if positive:
        if positive not in kinds:
            raise TrainingRefused(f"The value '{positive}' does not occur in the target.", attr="positive")
        if len(kinds) > 2:
            raise TrainingRefused("With more than two labels there is no single positive value.", attr="positive")
        return {kind: POSITIVE if kind == positive else NEGATIVE for kind in kinds}
    numbers = [_number(kind) for kind in kinds]
    if len(kinds) != 2 or None in numbers:
        return None
    first, second = kinds if (numbers[0] or 0) < (numbers[1] or 0) else (kinds[1], kinds[0])
    return {first: NEGATIVE, second: POSITIVE}


def _words(kinds: list[str]) -> dict[str, float] | None:
    known = {kind: _WORDS.get(kind, _WORDS.get(kind.split("_")[-1].split(" ")[-1])) for kind in kinds}
    meaning = {kind: value for kind, value in known.items() if value is not None}
    return meaning if len(meaning) == len(kinds) and {POSITIVE, NEGATIVE} <= set(meaning.values()) else None


def _number(kind: str) -> float | None:
    stars = _STARS.match(kind.lstrip("+-"))
    return (-1.0 if kind.startswith("-") else 1.0) * float(stars[1]) if stars else None


def _numbers(kinds: list[str]) -> dict[str, float] | None:
    """Stars above the middle of their scale are praise: of five above 3, of ten above 6 (5 and 6 neutral)."""
    numbers = {kind: _number(kind) for kind in kinds}
    known = [number for number in numbers.values() if number is not None]
    if len(known) != len(kinds):
        return None
    low, high = min(known), max(known)
    if low < 0:
        below, above = 0.0, 0.0
    elif high <= 2:
        below, above = 1.0, 1.0
    elif high <= 5:
        below, above = 3.0, 3.0
    elif high <= 10:
        below, above = 5.0, 6.0
    else:
        return None
    polar = {
        k: POSITIVE if n > above else NEGATIVE if n < below else NEUTRAL for k, n in numbers.items() if n is not None
    }
    return polar if {POSITIVE, NEGATIVE} <= set(polar.values()) else None


def split_labels(value: str) -> tuple[str, ...]:
    """The labels of one text, separated by ';' or '|', each once, in order."""
    return tuple(dict.fromkeys(part.strip() for part in _DELIMITERS.split(value) if part.strip()))
