"""Names for segments, by rule from their centres.

Where the columns tell recency and frequency or spending, a segment is called what customers of that kind are called in
the trade (RFM: Hughes, Strategic Database Marketing, 1994). Otherwise its name says what is high and what is low.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ml_services.segmentation.space import Axis, Floats

ROLES = ("recency", "frequency", "monetary", "tenure")
ROLE_NAMES: Mapping[str, re.Pattern[str]] = {
    "recency": re.compile(
        r"recency|days since (the )?last|since last|last (order|purchase|visit|seen|payment|activity)"
    ),
    "frequency": re.compile(
        r"frequency|\b(orders|purchases|transactions|visits|invoices|order count|purchase count)\b"
    ),
    "monetary": re.compile(r"monetary|\b(spend|spent|spending|revenue|turnover|sales|amount|total value|ltv|clv)\b"),
    "tenure": re.compile(r"tenure|\bage days\b|customer since|member since|since (first|sign)|sign ?up|joined"),
}


@dataclass(frozen=True, slots=True)
class Persona:
    """`at`: what it looks like, in standard deviations: how recent, how often, how much, how long a customer."""

    name: str
    text: str
    at: tuple[float, float, float, float]


MAIN = (
    Persona("High-value engaged", "Spend the most, buy often and lately.", (0.8, 1.0, 1.3, 0.2)),
    Persona("Loyal regulars", "Long-standing customers who keep coming back.", (0.6, 0.6, 0.3, 0.9)),
    Persona("New", "First purchases not long ago; too early to tell.", (0.7, -0.6, -0.5, -1.5)),
    Persona("At risk", "Used to buy well, and have not been seen for a while.", (-0.9, 0.3, 0.4, 0.4)),
    Persona("Dormant", "Bought little, long ago.", (-1.2, -1.1, -1.0, 0.1)),
)
MORE = (
    Persona("Occasional", "Come now and then for little.", (0.0, -0.4, -0.4, 0.2)),
    Persona("Big spenders, rarely", "Few purchases, large ones.", (0.1, -0.5, 0.9, 0.1)),
    Persona("Promising", "Rather new, and already coming back.", (0.7, 0.1, 0.1, -0.7)),
    Persona("Frequent small buyers", "Come often for little.", (0.5, 0.7, -0.4, 0.1)),
    Persona("Slipping away", "Seen less lately than usual.", (-0.6, -0.3, -0.2, 0.1)),
)
RESERVE = 0.5
"""How much nearer one of `MORE` must be than one of `MAIN`, in squared standard deviations; they are asked only where
there are more segments than `MAIN` has names."""
HIGH, VERY_HIGH = 0.35, 1.3
"""Standard deviations from the middle from which a centre is called high, very high."""
MOST_NAMED = 4
MOSTLY = 0.6


def find_roles(axes: Sequence[Axis]) -> dict[str, int]:
    """The axis of each role that a column's name tells; empty unless recency and frequency or spending are there."""
    found: dict[str, int] = {}
    for role in ROLES:
        for position, axis in enumerate(axes):
            words = " ".join(re.split(r"[^a-z0-9]+", axis.field.casefold()))
            if axis.level < 0 and position not in found.values() and ROLE_NAMES[role].search(words):
                found[role] = position
                break
    return found if "recency" in found and ("frequency" in found or "monetary" in found) else {}


def name_by_role(centres: Floats, roles: Mapping[str, int]) -> list[tuple[str, str]]:
    """(name, text) of each centre (k, axes), all names different, the best match over all."""
    from scipy.optimize import linear_sum_assignment

    known = [role in roles for role in ROLES]
    sides = np.array([-1.0 if role == "recency" else 1.0 for role in ROLES if role in roles])
    at = centres[:, [roles[role] for role in ROLES if role in roles]] * sides
    personas = (*MAIN, *MORE) if len(centres) > len(MAIN) else MAIN
    ideals = np.array([persona.at for persona in personas])[:, known]
    cost = ((at[:, None] - ideals[None]) ** 2).sum(axis=2) + RESERVE * (np.arange(len(personas)) >= len(MAIN))
    names = [("", "")] * len(centres)
    free = list(range(len(centres)))
    turn = 1
    while free:
        rows, columns = linear_sum_assignment(cost[free])
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            persona = personas[column]
            names[free[row]] = (persona.name if turn == 1 else f"{persona.name} ({turn})", persona.text)
        free, turn = [place for k, place in enumerate(free) if k not in set(rows.tolist())], turn + 1
    return names


def name_by_columns(centres: Floats, axes: Sequence[Axis], levels: Sequence[str]) -> list[str]:
    """What is high and low in each centre: the columns on which the segments differ most, as many as it takes for
    all names to differ. `levels`: the level that each axis stands for, empty for numbers."""
    order = np.argsort(-centres.var(axis=0), kind="stable").tolist()
    numbers = [place for place in order if axes[place].level < 0]
    names = [""] * len(centres)
    for count in range(min(2, len(numbers)), min(MOST_NAMED, len(numbers)) + 1):
        names = [_said(centre, axes, numbers[:count]) for centre in centres]
        if all(names) and len(set(names)) == len(names):
            return names
    names = [_with_levels(name, centre, axes, levels) for name, centre in zip(names, centres, strict=True)]
    return [
        name if names.count(name) == 1 else f"{name} ({names[: k + 1].count(name)})" for k, name in enumerate(names)
    ]


def _said(centre: Floats, axes: Sequence[Axis], places: Sequence[int]) -> str:
    parts = [f"{_height(float(centre[place]))} {plain(axes[place].field)}" for place in places]
    return ", ".join(parts)[:1].upper() + ", ".join(parts)[1:]


def _with_levels(name: str, centre: Floats, axes: Sequence[Axis], levels: Sequence[str]) -> str:
    mostly = [
        f"{plain(axis.field)} mostly {level}"
        for axis, level, at in zip(axes, levels, centre.tolist(), strict=True)
        if axis.level >= 0 and axis.undo(at) >= MOSTLY
    ]
    told = ", ".join([part for part in (name, *mostly[:2]) if part]) or "Mixed"
    return told[:1].upper() + told[1:]


def _height(at: float) -> str:
    if abs(at) < HIGH:
        return "average"
    return ("very " if abs(at) >= VERY_HIGH else "") + ("high" if at > 0 else "low")


def plain(name: str) -> str:
    """A column's name as words: without what stands in brackets, underscores and capitals."""
    words = re.sub(r"\([^)]*\)|\[[^]]*\]", " ", name)
    words = " ".join(re.split(r"[\s_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words).strip())).casefold()
    return words or name


__all__ = ["ROLES", "find_roles", "name_by_columns", "name_by_role", "plain"]
