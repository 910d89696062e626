"""One verdict of three comparisons, each with its evidence and in words.

Inputs that moved are a note: a model may answer well for customers of another kind. An alarm needs scores or outcomes
that moved. Nothing is said of too few rows: unknown is a verdict, and never "no drift".
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from ml_services import registry, selectors
from ml_services.base import Predictor
from ml_services.drift import earlier, figures, outcomes, rates, reading, reference, shifts
from ml_services.drift.limits import ALARM_ALPHA, INPUT_ALPHA, LEAST_REFERENCE, LEAST_ROWS, MODERATE, SMALL_D
from ml_services.models import ModelVersion
from platform_core.errors import ArtifactRefused
from platform_core.tenancy import current_company

UNTRAINED = "untrained"
Part = dict[str, Any]


def verdict(predictor: str, *, until: datetime | None, days: int, most: int) -> dict[str, Any]:
    """See `drift.verdict`."""
    found = registry.predictor(predictor)
    until = until or datetime.now(UTC)
    since = until - timedelta(days=days)
    told: dict[str, Any] = {
        "predictor": predictor, "version": None, "shared": None, "verdict": "unknown", "reasons": [],
        "input": _unknown(""), "output": _unknown(""), "outcome": _unknown(""),
        "window": {"from": _time(since), "until": _time(until), "days": days, "rows": 0},
        "reference": {}, "computed_at": _time(datetime.now(UTC)),
    }  # fmt: skip
    row = _serving(found)
    if row is None:
        return _said(told, _why_nothing(found))
    told |= {"version": row.version, "shared": row.company_id is None}
    try:
        learned = reference.Reference(row, found) if row.version == UNTRAINED else reference.of(row)
    except ArtifactRefused as problem:
        return _said(told, problem.detail)
    kind = "training"
    if found.grain == "text" and not learned.columns:
        learned, kind = earlier.of(learned, current_company(), since - timedelta(days=days), since), "earlier"
    told["reference"] = {"kind": kind, "rows": learned.rows, "answers": learned.answers}
    if found.grain == "series":
        return _said(told, "A forecast is judged by what comes, not by how its history looks: see its scoreboard.")
    window = reading.count(learned, current_company(), since, until, most)
    told["window"] |= {
        "rows": window.rows, "read": window.read, "repeated": window.repeated, "other_versions": window.others,
        "unreadable": window.unreadable, "erased": window.erased, "whole": not window.full,
    }  # fmt: skip
    closed = outcomes.compared(learned, current_company(), until, days, most)
    return judged(told, learned, window, closed)


def _serving(predictor: Predictor) -> ModelVersion | None:
    row = selectors.serving_version(predictor.name)
    if row is None and not predictor.parts and predictor.untrained() is not None:
        return ModelVersion(predictor=predictor.name, version=UNTRAINED, evidence=UNTRAINED)
    return row


def _why_nothing(predictor: Predictor) -> str:
    if predictor.parts:
        return f"It joins other answers, and learned nothing itself: look at {', '.join(predictor.parts)}."
    return "No trained version serves: there is nothing to compare with."


def judged(
    told: dict[str, Any], learned: reference.Reference, window: reading.Window, closed: rates.Told
) -> dict[str, Any]:
    """What is told of a window, with its parts, verdict and reasons."""
    enough = window.rows >= LEAST_ROWS
    inputs = [
        shifts.shift(column.bins.name, column.bins, counts)
        for column, counts in zip(learned.columns, window.columns, strict=True)
        if enough and counts.sum() >= LEAST_ROWS and learned.rows >= LEAST_REFERENCE
    ]
    shifts.judge(inputs, INPUT_ALPHA)
    pairs = [(learned.score, window.score), (learned.names, window.names)]
    comparable = enough and learned.answers >= LEAST_REFERENCE
    outputs = (
        [shifts.shift(bins.name, bins, counts, MODERATE) for bins, counts in pairs if bins and counts is not None]
        if comparable
        else []
    )
    _judge_alarms(outputs, closed)
    for one in outputs:
        if learned.score is not None and one.name == learned.score.name:
            # The model that serves learned from more rows than the one that was judged. Where many scores lie close
            # together, that alone moves them over an edge: the mean must have moved too.
            distance = figures.mean_distance(learned.score.edges, one.before[:-1], one.now[:-1])
            deviation = math.sqrt(1 / one.before.sum() + 1 / one.now.sum())
            one.moved = one.moved and figures.beyond(distance, SMALL_D, deviation) < ALARM_ALPHA
    few = (
        f"{window.rows:,} predictions of this version in the window; at least {LEAST_ROWS} are needed."
        if not enough
        else ""
    )
    told["input"] = _inputs(inputs, learned, few or _why_no_inputs(learned))
    told["output"] = _part(outputs, [], few or _why_no_answers(learned))
    told["outcome"] = closed.facts | _part(closed.shifts, closed.findings, closed.why)
    for name in ("from", "until"):
        told["outcome"][name] = _time(closed.facts[name])
    return _said(told, *_reasons(told))


def _judge_alarms(outputs: list[shifts.Shift], closed: rates.Told) -> None:
    """All tests that can raise the alarm share one rate of false ones."""
    both = [*outputs, *closed.shifts]
    chances = [one.chance for one in both] + [one.chance for one in closed.findings]
    adjusted = iter(figures.holm(chances))
    for one in both:
        one.judge(next(adjusted), ALARM_ALPHA)
    for finding in closed.findings:
        finding.adjusted = next(adjusted)
        finding.moved = finding.adjusted < ALARM_ALPHA


def _why_no_inputs(learned: reference.Reference) -> str:
    if learned.rows < LEAST_REFERENCE:
        return f"There are {learned.rows:,} rows to compare with; at least {LEAST_REFERENCE} are needed."
    return "No column can be compared."


def _why_no_answers(learned: reference.Reference) -> str:
    if learned.answers == 0:
        return "The version keeps nothing of what it said when it was judged: train it again, or see its outcomes."
    return f"There are {learned.answers:,} answers to compare with; at least {LEAST_REFERENCE} are needed."


def _inputs(inputs: list[shifts.Shift], learned: reference.Reference, why: str) -> Part:
    ranked = sorted(inputs, key=lambda one: (not one.moved, -one.index))
    left_out = [{"name": name, "why": reason} for name, reason in learned.left_out.items()]
    return {**_part(ranked, [], why), "left_out": left_out}


def _part(found: list[shifts.Shift], findings: list[rates.Finding], why: str) -> Part:
    """`state`: moved, none or unknown; `why` nothing can be said, where nothing can."""
    if not found and not findings:
        return _unknown(why)
    moved = any(one.moved for one in found) or any(one.moved for one in findings)
    return {
        "state": "moved" if moved else "none",
        "why": "",
        "columns": [one.as_json() for one in found],
        "tests": [one.as_json() for one in findings],
    }


def _unknown(why: str) -> Part:
    return {"state": "unknown", "why": why, "columns": [], "tests": []}


def _reasons(told: dict[str, Any]) -> list[str]:
    """What moved, then of what nothing can be said."""
    moved: list[str] = []
    unknown: dict[str, list[str]] = {}
    for part, about in (("output", "Scores"), ("outcome", "Outcomes"), ("input", "Inputs")):
        one = told[part]
        moved += [f"{about} moved: {two['words']}" for two in (*one["tests"], *one["columns"]) if two["moved"]]
        if one["state"] == "unknown" and one["why"]:
            unknown.setdefault(one["why"], []).append(about)
    return [*moved, *(f"{' and '.join(parts).capitalize()} unknown: {why}" for why, parts in unknown.items())]


def _said(told: dict[str, Any], *reasons: str) -> dict[str, Any]:
    """Sets the verdict by what the parts found."""
    told["reasons"], told["verdict"] = list(reasons), "unknown"
    states = {part: told[part]["state"] for part in ("input", "output", "outcome")}
    if "moved" in (states["output"], states["outcome"]):
        told["verdict"] = "drift"
    elif states["input"] == "moved":
        told["verdict"] = "note"
    elif states["output"] == "none":
        told["verdict"] = "none"
        told["reasons"] = [*reasons, "Scores look as they did when the model was judged."]
    return told


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


__all__ = ["judged", "verdict"]
