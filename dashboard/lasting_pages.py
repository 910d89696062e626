"""What is told of a prediction long after it, laid out for reading: the steps of a change, past cases, what-ifs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from dashboard.answers import words
from dashboard.lasting_forms import WhatIfForm
from dashboard.ledger_pages import brief, happened
from dashboard.waterfall import amount, difference, steps, value_said
from ml_services.lasting import questions
from platform_core.errors import Conflict, NotFound, PlatformError, RecordInvalid
from request_logs import selectors
from request_logs.models import Prediction

PERCENT = "probability"


def told_later(request: HttpRequest, row: Prediction, may_ask: bool) -> dict[str, Any]:
    """The three sections' context: what was asked for is worked out, the rest is offered."""
    earlier = selectors.previous(row)
    context: dict[str, Any] = {"earlier": earlier, "may_ask": may_ask}
    if "why" in request.GET and earlier is not None:
        context["why"] = _tried(lambda: change_shown(questions.change(row)))
    if "cases" in request.GET:
        context["like"] = _tried(lambda: cases_shown(questions.cases(row)))
    return context | _what_if(request, row, may_ask)


def _tried(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return work()
    except PlatformError as problem:
        return {"reason": problem.detail}


def _what_if(request: HttpRequest, row: Prediction, may_ask: bool) -> dict[str, Any]:
    """The form, where there is something to change; its answer, once it is sent."""
    if not may_ask:
        return {}
    try:
        form = WhatIfForm(row, questions.changeable(row), request.POST if "if" in request.POST else None)
    except (Conflict, NotFound) as problem:
        return {"no_what_if": problem.detail}
    if not form.is_bound or not form.is_valid():
        return {"what_if_form": form}
    changes = form.changes() if request.POST["if"] == "named" else None
    if changes == {}:
        form.add_error(None, "Change at least one field.")
        return {"what_if_form": form}
    try:
        return {"what_if_form": form, "what_if": what_if_shown(questions.what_if(row, changes))}
    except RecordInvalid as problem:
        form.refuse({found.field: found.detail for found in problem.problems})
    except PlatformError as problem:
        form.refuse({(problem.attr or "").removeprefix("changes."): problem.detail})
    return {"what_if_form": form}


def change_shown(told: dict[str, Any]) -> dict[str, Any]:
    """A change with its outputs' steps."""
    parts = [_part_shown(one) for one in told["changes"]]
    titled = len(parts) > 1
    return {
        "reason": told["reason"],
        "before": told["before"],
        "after": told["after"],
        "parts": parts,
        "titled": titled,
    }


def _part_shown(one: dict[str, Any]) -> dict[str, Any]:
    if one["data"] is None:
        return {"title": words(one["predictor"]), "reason": one["reason"]}
    percent = one["output"] == PERCENT
    return {
        "title": words(one["predictor"]),
        "about": one["class"],
        "before": amount(one["before"], percent),
        "after": amount(one["after"], percent),
        "difference": difference(one["difference"], percent),
        "sums": [(name, difference(one[name]["effect"], percent)) for name in ("data", "time", "version")],
        "steps": steps(one, percent),
        "time_note": one["time"]["note"],
        "version": one["version"],
        "order": one["order"],
    }


def cases_shown(told: dict[str, Any]) -> dict[str, Any]:
    """Past cases with their answers and outcomes in words."""
    ids = [one["prediction_id"] for one in told["cases"]]
    rows = {row.pk: row for row in selectors.of_ids(ids)}
    outcomes = selectors.current_outcomes(list(rows.values()))
    lines = [
        {
            **one,
            "said": brief(rows[one["prediction_id"]]),
            "happened": happened(outcomes.get(one["prediction_id"])),
            "unlike": [(line["field"], value_said(line["theirs"])) for line in one["differ"]],
        }
        for one in told["cases"]
        if one["prediction_id"] in rows
    ]
    return {**told, "cases": lines}


def what_if_shown(told: dict[str, Any]) -> dict[str, Any]:
    """A what-if's results in words."""
    results = []
    for one in told["results"]:
        percent = one["output"] == PERCENT
        line = {"title": words(one["predictor"]), "about": one["class"], "before": amount(one["before"], percent)}
        if one["best"] is None:
            line |= {"after": amount(one["after"], percent), "difference": difference(one["difference"], percent)}
            line["way"] = "up" if one["difference"] >= 0 else "down"
        else:
            line["ways"] = [
                (heading, [_tried_line(each, percent) for each in [*best["single"], best["pair"]] if each])
                for heading, best in (("Lower", one["best"]["down"]), ("Higher", one["best"]["up"]))
            ]
        results.append(line)
    return {"label": told["label"], "note": told["note"], "results": results, "titled": len(results) > 1}


def _tried_line(one: dict[str, Any], percent: bool) -> dict[str, Any]:
    made = ", ".join(
        f"{line['field']} {value_said(line['before'])} → {value_said(line['after'])}" for line in one["changes"]
    )
    return {"made": made, "after": amount(one["after"], percent), "difference": difference(one["difference"], percent)}


__all__ = ["told_later"]
