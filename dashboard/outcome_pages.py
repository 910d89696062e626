"""A scoreboard laid out for reading: bands and months as bars of one scale, figures beside what was promised."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from platform_core.errors import NotFound

STATUS = {
    "ok": ("As it was said", "own"),
    "alert": ("Not as it was said", "none"),
    "unknown": ("Not known yet", "provisional"),
}
"""A verdict in words, and the colour of its badge."""
SIDES = {"above": "more than was said", "below": "less than was said", "unclear": "outcomes are missing"}
MONTH_WIDTH, BAR_WIDTH = 10.0, 3.0
ROOM = 1.1
"""Above the highest end of an interval."""
SOURCES = {
    "answer": "as each answer says",
    "setting": "as your company set it",
    "card": "as the version was trained for",
    "default": "as is usual for this predictor",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One rate with its interval, in the chart's coordinates (0 to 100): of months, `x` is where it stands."""

    label: str
    group: dict[str, Any]
    said: float | None
    came: float | None
    low: float = 0.0
    length: float = 0.0
    quiet: float = 0.0
    quiet_length: float = 0.0
    x: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """`highest`: the rate at the end of the scale."""

    bars: list[Bar] = field(default_factory=list)
    highest: float = 1.0
    width: float = 0.0
    line: str = ""


def chosen(found: dict[str, Any], version: str) -> dict[str, Any] | None:
    """The version to show: as asked, else the one that the verdict is about. Raises NotFound."""
    boards: list[dict[str, Any]] = found["versions"]
    wanted = version or found["verdict"]["version"]
    one = next((board for board in boards if board["version"] == wanted), None)
    if version and one is None:
        raise NotFound(f"{version} has not answered.")
    return one


def layout(board: dict[str, Any] | None) -> dict[str, Any]:
    """What the page shows of a version's board."""
    if board is None:
        return {"state": "nothing"}
    said, badge = STATUS[board["verdict"]["status"]]
    tally, total = board["predictions"], board["total"]
    groups = [("All together", total)] if total else []
    return {
        "state": "open"
        if not tally["counted"]
        else "known"
        if tally["reported"] + tally["counted_as_no"]
        else "silent",
        "status": said,
        "badge": badge,
        "closing": datetime.fromisoformat(board["first_answer"]) + timedelta(days=board["horizon"]["days"]),
        "horizon_source": SOURCES[board["horizon"]["source"]],
        "bands": bands([*groups, *((band["band"], band) for band in board["bands"])]),
        "months": months(board["over_time"]),
        "figures": figures(board),
    }


def bands(groups: list[tuple[str, dict[str, Any]]]) -> Chart:
    """Each band's observed interval, what was said, and what would be no news, from left to right."""
    highest = _highest([group for _, group in groups])
    bars = []
    for name, group in groups:
        observed = group["observed"]
        quiet, most = _place(group["low"], highest), _place(group["high"], highest)
        low, high = _place(observed["low"], highest), _place(observed["high"], highest)
        bars.append(
            Bar(
                name, group, _place(group["predicted"], highest), _place(observed["value"], highest), low or 0.0,
                (high or 0.0) - (low or 0.0), quiet or 0.0, (most or 0.0) - (quiet or 0.0),
                note=SIDES.get(group["side"] or "", ""),
            )
        )  # fmt: skip
    return Chart(bars, highest)


def months(entries: list[dict[str, Any]]) -> Chart:
    """Each month's observed interval as an upright bar, and what was said as a line."""
    highest, bars, points = _highest(entries), [], []
    for place, entry in enumerate(entries):
        observed, middle = entry["observed"], (place + 0.5) * MONTH_WIDTH
        low, high = _place(observed["low"], highest), _place(observed["high"], highest)
        said, came = _place(entry["predicted"], highest), _place(observed["value"], highest)
        if said is not None:
            points.append(f"{middle:.2f},{100 - said:.2f}")
        flipped = None if came is None else 100 - came
        bars.append(
            Bar(entry["month"], entry, said, flipped, 100 - (high or 0.0), (high or 0.0) - (low or 0.0),
                x=middle - BAR_WIDTH / 2)
        )  # fmt: skip
    return Chart(bars, highest, max(len(entries), 1) * MONTH_WIDTH, " ".join(points))


def figures(board: dict[str, Any]) -> list[dict[str, Any]]:
    """Each figure as it came, beside what the card promised."""
    promised = {one["metric"]: one for one in board["promised"]}
    return [{"name": name, "now": now, "promised": promised.get(name)} for name, now in board["metrics"].items()]


def _highest(groups: list[dict[str, Any]]) -> float:
    ends = [one["observed"]["high"] for one in groups] + [one["predicted"] for one in groups]
    found = [float(end) for end in ends if end is not None]
    return min(max(found, default=1.0) * ROOM, 1.0) or 1.0


def _place(rate: float | None, highest: float) -> float | None:
    return None if rate is None else min(100 * float(rate) / highest, 100.0)


__all__ = ["Bar", "Chart", "bands", "chosen", "layout", "months"]
