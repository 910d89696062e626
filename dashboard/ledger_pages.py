"""Predictions, outcomes and usage laid out for reading."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from dashboard.answers import Line, line, shown
from ml_services import registry
from ml_services.base import Predictor
from request_logs.models import Outcome, Prediction

LONGEST_SHOWN = 300
"""Characters of one input on a page; a history may have thousands of points."""
MOST_NAMES = 5
"""Tags are listed up to here; a longer table is a forecast."""
BRIEF = 2
"""Outputs told in a list."""
CHOICES: dict[str, list[tuple[str, str]]] = {"binary": [("true", "Yes"), ("false", "No")]}
TYPED = {"value": "number", "classes": "text", "cluster": "text", "polarity": "text"}


def predictor_of(row: Prediction) -> Predictor | None:
    """The predictor, while there is one of that name."""
    return registry.all_predictors().get(row.predictor)


def brief(row: Prediction) -> str:
    """An answer in a few words."""
    predictor = predictor_of(row)
    if predictor is None:
        return clipped(row.output)
    names = predictor.parts or ()
    pieces = [(registry.all_predictors().get(name), row.output.get(name, {})) for name in names]
    pieces = [(one, answer) for one, answer in pieces if one is not None] or [(predictor, row.output)]
    told = []
    for one, answer in pieces:
        assert one is not None  # noqa: S101 - sorted out above
        lines = [line(output, answer[output.name]) for output in one.outputs if output.name in answer]
        texts = [text for found in lines if (text := _in_brief(found))]
        told.append(", ".join(texts[: 1 if names else BRIEF]))
    return "; ".join(text for text in told if text) or clipped(row.output)


def _in_brief(found: Line) -> str:
    """A line of an answer in a few words; of a table the first column, and where it has numbers their ends."""
    if found.text:
        return f"{found.label.lower()} {found.text}"
    firsts = [row[0] for row in found.rows]
    if len(firsts) > MOST_NAMES:
        return f"{found.label.lower()} {firsts[0]}: {found.rows[0][1]} … {firsts[-1]}: {found.rows[-1][1]}"
    return f"{found.label.lower()} {', '.join(firsts)}" if firsts else ""


def whole(row: Prediction) -> dict[str, Any]:
    """An answer as it was given, laid out as on the predictor's page."""
    predictor = predictor_of(row)
    explaining = {"raw": row.raw, "base": row.base, "reasons": row.reasons or []}
    answer = {**row.output, **explaining}
    complete = predictor is not None and all(
        name in row.output for name in (predictor.parts or [output.name for output in predictor.outputs])
    )
    return {"answer": answer, "shown": shown(predictor, answer) if predictor and complete else []}


def inputs(row: Prediction) -> list[tuple[str, str, bool]]:
    """Name, value and whether it was redacted, of each input."""
    return [(name, clipped(value), name in row.redacted) for name, value in row.input.items()]


def clipped(value: Any) -> str:
    """A value as text of bounded length."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def happened(outcome: Outcome | None) -> str:
    """An outcome in words."""
    if outcome is None:
        return ""
    return {True: "yes", False: "no"}[outcome.value] if isinstance(outcome.value, bool) else clipped(outcome.value)


def outcome_field(row: Prediction) -> dict[str, Any] | None:
    """How a person may say what happened: one of `choices`, or what is `typed`; None for kinds that only programs
    report (tags, histories)."""
    predictor = predictor_of(row)
    task = predictor.task if predictor else ""
    if predictor is not None and task == "polarity":
        return {"choices": [(name, name) for name in predictor.outputs[0].choices]}
    if task in CHOICES:
        return {"choices": CHOICES[task]}
    return {"typed": TYPED[task]} if task in TYPED else None


@dataclass(slots=True)
class Sum:
    """What some rows of usage add up to; `p95_ms` is that of the worst day."""

    label: str
    predictions: int = 0
    requests: int = 0
    errors: int = 0
    total_ms: float = 0.0
    p95_ms: float | None = None
    share: float = field(default=0.0)

    def add(self, row: dict[str, Any]) -> None:
        self.predictions += row["predictions"]
        self.requests += row["requests"]
        self.errors += row["errors"]
        self.total_ms += (row["mean_ms"] or 0.0) * row["requests"]
        if row["p95_ms"] is not None:
            self.p95_ms = max(self.p95_ms or 0.0, row["p95_ms"])

    @property
    def mean_ms(self) -> float | None:
        return self.total_ms / self.requests if self.requests else None


@dataclass(frozen=True, slots=True)
class Column:
    """One day of the chart, in its coordinates (100 high)."""

    day: date
    predictions: int
    x: float
    y: float
    height: float


def sums(rows: Iterable[dict[str, Any]], by: str, names: dict[str, str] | None = None) -> list[Sum]:
    """Usage added up by one of its columns, the most predictions first."""
    found: dict[str, Sum] = {}
    for row in rows:
        key = str(row[by] or "")
        found.setdefault(key, Sum((names or {}).get(key, key))).add(row)
    most = max((one.predictions for one in found.values()), default=0) or 1
    for one in found.values():
        one.share = one.predictions / most
    return sorted(found.values(), key=lambda one: (-one.predictions, -one.requests, one.label))


def columns(rows: Sequence[dict[str, Any]], days: int) -> list[Column]:
    """Predictions of each of the last days, those without any included."""
    today = datetime.now(UTC).date()
    counts = {today - timedelta(days=back): 0 for back in range(days - 1, -1, -1)}
    for row in rows:
        day = date.fromisoformat(row["day"])
        if day in counts:
            counts[day] += row["predictions"]
    most = max(counts.values(), default=0) or 1
    return [
        Column(day, count, place * 10 + 1, 100 - 100 * count / most, 100 * count / most)
        for place, (day, count) in enumerate(counts.items())
    ]


__all__ = ["Column", "Sum", "brief", "columns", "happened", "inputs", "outcome_field", "predictor_of", "sums", "whole"]
