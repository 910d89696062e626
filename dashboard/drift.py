"""The verdict on drift as a page says it."""

from __future__ import annotations

from typing import Any

from ml_services import registry
from ml_services.drift import answers
from ml_services.drift.limits import PAGE_ROWS, USUAL_DAYS

SAID = {
    "none": ("no drift", "full", "What it says looks as it did when it was judged."),
    "note": (
        "inputs have moved",
        "provisional",
        "Other kinds of records come in than it learned from, but what it says has not moved. Worth knowing; "
        "nothing needs to be done yet.",
    ),
    "drift": (
        "drift",
        "none",
        "Scores or outcomes have moved: compare with what happened, and train again on newer data.",
    ),
    "unknown": ("not known yet", "plain", "Too little is known to say. This is not the same as no drift."),
}
"""By verdict: the badge's words and colour, and what it means."""
PARTS = (("output", "Scores"), ("outcome", "Outcomes"), ("input", "Inputs"))
MOST_SHOWN = 8


def drift_shown(name: str, *, now: bool) -> dict[str, Any] | None:
    """The kept verdict, or one of the newest rows made `now`; {"verdict": ""} where there is neither; None for what
    nothing can ever be said of."""
    predictor = registry.predictor(name)
    if predictor.parts or predictor.grain == "series":
        return None
    found = answers.told(name, USUAL_DAYS, PAGE_ROWS) if now else answers.latest(name)
    if found is None:
        return {"verdict": ""}
    title, badge, about = SAID[found["verdict"]]
    moved = [_column(column, said) for part, said in PARTS for column in found[part]["columns"] if column["moved"]]
    # The columns that moved are shown one by one below.
    reasons = [reason.rstrip(".") for reason in found["reasons"] if not reason.startswith("Inputs moved")]
    window = {"whole": True, **found["window"]}
    return {**found, "title": title, "badge": badge, "about": about, "moved": moved[:MOST_SHOWN], "window": window,
            "reasons": reasons}  # fmt: skip


def _column(column: dict[str, Any], part: str) -> dict[str, Any]:
    """With bars as long as their share of the longest."""
    most = max((max(one["before"], one["now"]) for one in column["bins"]), default=0) or 1
    bins = [{**one, "bar_before": one["before"] / most, "bar_now": one["now"] / most} for one in column["bins"]]
    name = str(column["name"]).replace("(is there)", "(whether it is there)")
    return {**column, "part": part, "name": name, "bins": bins}


__all__ = ["drift_shown"]
