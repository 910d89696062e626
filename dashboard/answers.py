"""An answer laid out for reading: its values in words, its shares and reasons as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ml_services import registry
from ml_services.base import Output, Predictor

SHARES = {"probability"}
"""Outputs that are chances, and read best as percent."""

PROPER = {"lightgbm": "LightGBM", "xgboost": "XGBoost", "mase": "MASE", "naive_mase": "MASE of naive", "clv": "CLV"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `share` of the full width in percent; `offset` where it begins."""

    label: str
    value: float
    share: float
    offset: float = 0.0
    direction: str = "up"


@dataclass(slots=True)
class Line:
    """One output: a text, or bars, or a table of rows under `heads`."""

    label: str
    text: str = ""
    about: str = ""
    chance: float | None = None
    bars: list[Bar] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


@dataclass(slots=True)
class Shown:
    """One predictor's part of an answer."""

    title: str
    lines: list[Line]
    reasons: list[Bar]
    base: Any = None
    raw: Any = None


def shown(predictor: Predictor, answer: dict[str, Any]) -> list[Shown]:
    """An answer's parts: one, or those of a composite."""
    if predictor.parts:
        return [one for name in predictor.parts for one in shown(registry.predictor(name), answer[name])]
    lines = [line(output, answer[output.name]) for output in predictor.outputs if output.name in answer]
    found = reasons(answer.get("reasons") or (), answer.get("other_effects"))
    return [Shown(predictor.title, lines, found, answer.get("base"), answer.get("raw"))]


def line(output: Output, value: Any) -> Line:
    """One output in words."""
    found = Line(words(output.name), about=output.description)
    if isinstance(value, dict) and value and all(_is_number(one) for one in value.values()) and not output.parts:
        most = max(abs(float(one)) for one in value.values()) or 1.0
        found.bars = [Bar(str(key), float(one), 100 * abs(float(one)) / most) for key, one in value.items()]
    elif isinstance(value, dict):
        found.text = ", ".join(f"{words(str(key))} {_said(one)}" for key, one in value.items())
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        found.heads = [words(str(key)) for key in value[0]]
        found.rows = [[_said(one) for one in row.values()] for row in value]
    elif isinstance(value, list):
        found.text = ", ".join(_said(one) for one in value) or "none"
    elif output.name in SHARES and _is_number(value):
        found.chance = float(value)
        found.text = f"{100 * float(value):.1f} %"
    else:
        found.text = f"{_said(value)} {output.unit}".strip()
    return found


def reasons(given: Sequence[dict[str, Any]], others: Any = None) -> list[Bar]:
    """Reasons as bars that grow from the middle, the longest to the edge."""
    bars = [(str(reason["text"]), float(reason["effect"])) for reason in given if _is_number(reason.get("effect"))]
    if _is_number(others) and others:
        bars.append(("everything else together", float(others)))
    most = max((abs(effect) for _, effect in bars), default=0.0) or 1.0
    return [
        Bar(text, effect, width := 50 * abs(effect) / most, 50.0 if effect >= 0 else 50.0 - width, _way(effect))
        for text, effect in bars
    ]


def words(name: str) -> str:
    """A key as a person writes it."""
    text = name.replace("_", " ").strip()
    return PROPER.get(name) or text[:1].upper() + text[1:]


def _way(effect: float) -> str:
    return "up" if effect >= 0 else "down"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _said(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) >= 100 else f"{value:.3g}"
    return str(value)


__all__ = ["Bar", "Line", "Shown", "line", "reasons", "shown", "words"]
