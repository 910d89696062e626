"""A change as a waterfall: each part of it begins where the one before ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.ledger_pages import clipped

MOST_STEPS, LONGEST_VALUE = 8, 60
"""Fields shown one by one, the rest being one step; characters of a value."""


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of a waterfall: from where the one before it ended. `x`, `width` in percent of the chart."""

    label: str
    about: str
    said: str
    way: str
    x: float
    width: float


def steps(one: dict[str, Any], percent: bool) -> list[Step]:
    """From the earlier output to the later one: the strongest fields, the others together, time, the version."""
    lines = one["data"]["fields"]
    found = [(line["field"], _values(line), line["effect"]) for line in lines[:MOST_STEPS]]
    rest = sum(line["effect"] for line in lines[MOST_STEPS:])
    if lines[MOST_STEPS:]:
        found.append((f"{len(lines) - MOST_STEPS} more fields", "", rest))
    names = ", ".join(line["field"] for line in one["time"]["fields"])
    if one["time"]["fields"]:
        found.append(("Time", names, one["time"]["effect"]))
    if one["version"]["before"] != one["version"]["after"]:
        found.append(
            ("Model version", f"{one['version']['before']} → {one['version']['after']}", one["version"]["effect"])
        )
    return _drawn(one["before"], one["after"], found, percent)


def _values(line: dict[str, Any]) -> str:
    if line["before"] is None and line["after"] is None:
        return ""
    return f"{value_said(line['before'])} → {value_said(line['after'])}"


def value_said(value: Any) -> str:
    """One input in a few characters."""
    if isinstance(value, float):
        return f"{value:,.6g}"
    return "unknown" if value is None else clipped(value)[:LONGEST_VALUE]


def _drawn(start: float, end: float, found: Sequence[tuple[str, str, float]], percent: bool) -> list[Step]:
    ends = [start]
    for _, _, effect in found:
        ends.append(ends[-1] + effect)
    low, high = min(0.0, *ends, end), max(0.0, *ends, end)
    scale = 100.0 / ((high - low) or 1.0)

    def step(label: str, about: str, said: str, way: str, one: float, other: float) -> Step:
        left, right = min(one, other), max(one, other)
        return Step(label, about, said, way, (left - low) * scale, max((right - left) * scale, 0.6))

    drawn = [step("Earlier", "", amount(start, percent), "end", 0.0, start)]
    for (label, about, effect), before in zip(found, ends, strict=False):
        way = "up" if effect >= 0 else "down"
        drawn.append(step(label, about, difference(effect, percent), way, before, before + effect))
    return [*drawn, step("Later", "", amount(end, percent), "end", 0.0, end)]


def amount(value: float, percent: bool) -> str:
    """An output in words."""
    return f"{100 * value:.1f} %" if percent else f"{value:,.2f}"


def difference(value: float, percent: bool) -> str:
    """A difference in words; of chances in percentage points."""
    return f"{100 * value:+.1f} points" if percent else f"{value:+,.2f}"


__all__ = ["Step", "amount", "difference", "steps", "value_said"]
