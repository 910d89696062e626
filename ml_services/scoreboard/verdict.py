"""One verdict of a version: what came agrees with what was said, or does not, or cannot be told yet.

Outcomes that come by themselves are mostly events: where some are missing, the rate among the reported is too high. So
a rate is news only where no outcome of the missing ones could explain it (the worst case of Manski, American Economic
Review 1990)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ml_services.scoreboard.evidence import FALSE_ALARMS, Limits, limits, noticeable, rows_needed
from ml_services.scoreboard.intervals import figure, share, unknown
from ml_services.scoreboard.rates import Floats, Rates

SIDES = {"above": "more", "below": "less"}


def weighed(came: Floats, said: Floats, false_alarms: float, tolerated: float) -> dict[str, Any]:
    """One group of predictions: how many, the rate said and the rate that came, the rates that would have been no news
    (`low`, `high`), and `side`: above, below, nothing, or unclear where the missing outcomes could explain it."""
    known = ~np.isnan(came)
    hits, reported, missing = float(came[known].sum()), int(known.sum()), int((~known).sum())
    quiet = limits(said[known], false_alarms, tolerated)
    side = quiet.side(hits)
    if side and missing:
        worst = limits(said, false_alarms, tolerated)
        side = side if worst.side(hits if side == "above" else hits + missing) == side else "unclear"
    observed = share(hits, reported)
    return {
        "rows": reported,
        "unreported": missing,
        "predicted": quiet.expected if reported else None,
        "expected": float(said[known].sum()),
        "came": hits,
        "observed": observed,
        "ratio": _over(observed, quiet.expected),
        "low": quiet.low if reported else None,
        "high": quiet.high if reported else None,
        "side": side or None,
    }


def _over(observed: Mapping[str, Any], expected: float) -> dict[str, Any]:
    """Observed over expected, the chances taken as they were said."""
    if observed["value"] is None or expected <= 0:
        return unknown(observed["rows"], "1 outcome")
    value, low, high = (observed[name] / expected for name in ("value", "low", "high"))
    return figure(value, observed["rows"], low=low, high=high)


def judged(found: Rates, tolerated: float, about: str) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]:
    """(total, bands, verdict). Half of the false alarms is for the total, half for all bands together, so that none
    is looked at for nothing."""
    held = [place for place in range(len(found.bands)) if (found.band == place).any()]
    total = weighed(found.came, found.said, FALSE_ALARMS / 2, tolerated)
    each = FALSE_ALARMS / 2 / max(len(held), 1)
    bands = [
        {"band": name, **weighed(found.came[found.band == k], found.said[found.band == k], each, tolerated)}
        for k, name in enumerate(found.bands)
    ]
    known = ~np.isnan(found.came)
    needed = rows_needed(found.said[known], FALSE_ALARMS / 2, tolerated)
    return total, bands, _verdict(total, bands, needed, tolerated, about)


def _verdict(
    total: Mapping[str, Any], bands: list[dict[str, Any]], needed: int, tolerated: float, about: str
) -> dict[str, Any]:
    groups = [("All together", total), *((str(band["band"]), band) for band in bands)]
    off = [_told(name, one, about) for name, one in groups if one["side"] in SIDES]
    unclear = [name for name, one in groups if one["side"] == "unclear"]
    evidence = {
        "rows": total["rows"], "unreported": total["unreported"], "predicted": total["predicted"],
        "observed": total["observed"]["value"], "low": total["low"], "high": total["high"],
        "needed_rows": needed or None, "false_alarms": FALSE_ALARMS, "tolerated_odds": float(np.exp(tolerated)),
    }  # fmt: skip
    if off:
        status, reasons = "alert", off
    elif not total["rows"]:
        status, reasons = "unknown", ["No prediction whose horizon has closed has an outcome yet."]
    elif unclear:
        status, reasons = "unknown", [_missing(total, unclear)]
    elif needed:
        noticed = f"{noticeable(float(total['predicted'])):.1%}"
        text = f"Outcomes so far: {total['rows']:,}. About {needed:,} are needed to notice a rate of {noticed}."
        status, reasons = "unknown", [text]
    else:
        text = f"{total['observed']['value']:.1%} {about}, {total['predicted']:.1%} was said"
        status, reasons = "ok", [f"{text}; from {total['low']:.1%} to {total['high']:.1%} is no news."]
    return {"status": status, "reasons": reasons, "evidence": evidence}


def _told(name: str, one: Mapping[str, Any], about: str) -> str:
    rates = f"{one['observed']['value']:.1%} {about}, {one['predicted']:.1%} was said"
    return (
        f"{name}: {SIDES[one['side']]} than was said. {rates}; from {one['low']:.1%} to {one['high']:.1%} is no news."
    )


def _missing(total: Mapping[str, Any], names: list[str]) -> str:
    reported, missing = total["rows"], total["unreported"]
    return (
        f"{', '.join(names)}: what was reported differs from what was said, but of {reported + missing:,} closed "
        f"predictions only {reported:,} have an outcome, and the others could explain it. Report the others too, or "
        "say that silence means no."
    )


def silent(reason: str) -> dict[str, Any]:
    """The verdict where there is nothing to judge."""
    return {"status": "unknown", "reasons": [reason], "evidence": {}}


__all__ = ["Limits", "judged", "silent", "weighed"]
