"""The bins that a window is counted in: those of the reference, and one for what has no value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ml_services.spellings import CATEGORY_MISSING, parse_number

Floats = npt.NDArray[np.float64]
OTHER, NEW, MISSING = "(other)", "(new)", "(no value)"
WHOLE_FROM = 1e4
"""Edges from here on are told without fractions."""
MOST_REMEMBERED = 10_000
"""Spellings whose bin is remembered."""


class Bins(Protocol):
    """`before`: the reference's counts, `names` of the bins; the last bin is of what has no value."""

    name: str
    before: Floats

    @property
    def names(self) -> list[str]: ...

    def counted(self, values: Sequence[Any]) -> Floats:
        """Counts of the values, (bins,)."""


@dataclass
class NumberBins:
    """(-inf, edge 0], …, (last edge, inf). `sentinels` mean that there is no value."""

    name: str
    edges: Floats
    before: Floats
    sentinels: Sequence[float] = ()

    @property
    def names(self) -> list[str]:
        ends = [f"{edge:,.0f}" if abs(edge) >= WHOLE_FROM else f"{edge:,.4g}" for edge in self.edges]
        if not ends:
            return ["any value", MISSING]
        between = [f"{low} to {high}" for low, high in pairwise(ends)]
        return [f"up to {ends[0]}", *between, f"above {ends[-1]}", MISSING]

    def counted(self, values: Sequence[Any]) -> Floats:
        numbers = np.array(values, dtype=np.float64)
        for sentinel in self.sentinels:
            numbers[numbers == sentinel] = np.nan
        unknown = np.isnan(numbers)
        places = np.searchsorted(self.edges, numbers, side="left")
        places[unknown] = len(self.edges) + 1
        return np.bincount(places, minlength=len(self.edges) + 2).astype(np.float64)


@dataclass
class LevelBins:
    """A bin of each of `levels`, one of the others that the reference has, one of what it never had."""

    name: str
    levels: Sequence[str]
    others: Collection[str]
    before: Floats
    open: bool
    blanks: Collection[str] = ()
    known: dict[Any, int] = field(default_factory=dict)
    """Bins by spelling. `open`: the reference has a level of its own for rare ones, of which a new one may be one."""

    def __post_init__(self) -> None:
        blanks = CATEGORY_MISSING.union(text.casefold() for text in self.blanks)
        self.known |= dict.fromkeys(blanks, len(self.levels) + 2)
        places = {**dict.fromkeys(self.others, len(self.levels)), **{name: k for k, name in enumerate(self.levels)}}
        for name, place in places.items():
            number = parse_number(name)
            spelled = {name.casefold(): place} | ({number: place} if number is not None and number == number else {})
            self.known = spelled | self.known
        self.known |= places

    @property
    def names(self) -> list[str]:
        return [*self.levels, OTHER, NEW, MISSING]

    def counted(self, values: Sequence[Any]) -> Floats:
        counts = np.zeros(len(self.levels) + 3)
        for value, count in Counter(values).items():
            counts[self._place(value)] += count
        return counts

    def _place(self, value: Any) -> int:
        if value is None:
            return len(self.levels) + 2
        if value is True or value is False:  # equal to 1 and 0, which are other spellings
            value = str(value).casefold()
        found = self.known.get(value)
        if found is None:
            text = value.strip() if isinstance(value, str) else str(value)
            unknown = len(self.levels) + (0 if self.open else 1)
            found = self.known.get(text, self.known.get(text.casefold(), unknown))
            if len(self.known) < MOST_REMEMBERED:
                self.known[value] = found
        return found


def number_bins(
    name: str, kept: Mapping[str, Any], *, missing: float = 0.0, sentinels: Iterable[str] = ()
) -> NumberBins:
    """Of what `training_quantiles.binned` kept; `missing`: rows of the reference without a value."""
    numbers = [n for text in sentinels if (n := parse_number(text)) is not None and n == n]
    before = np.array([*kept["counts"], missing], dtype=np.float64)
    return NumberBins(name, np.array(kept["edges"], dtype=np.float64), before, numbers)


def level_bins(
    name: str, counts: Mapping[str, float], most: int, *, missing: float = 0.0, blanks: Collection[str] = ()
) -> LevelBins:
    """Of the reference's rows by level."""
    ranked = sorted((level for level in counts if level != OTHER), key=lambda level: (-counts[level], level))
    levels, others = ranked[:most], ranked[most:]
    rest = sum(counts[level] for level in others) + counts.get(OTHER, 0.0)
    before = np.array([*(counts[level] for level in levels), rest, 0.0, missing], dtype=np.float64)
    return LevelBins(name, levels, others, before, OTHER in counts, blanks)


__all__ = ["Bins", "LevelBins", "NumberBins", "level_bins", "number_bins"]
