"""What a made year brought, in lines and in figures (see `benchmarks.year`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

BEFORE, MONTHS = 24, 12
"""Months that are known before the first model, and months lived with it."""
CHANGE_AT, LEAK_AT = 5, 8
"""Of the year's months: the business changes at the beginning of one; the column appears with another."""
MOST_FALSE_ALARMS = 1
ALARMS = ("drift", "alert")
"""Of drift, and of outcomes that are not what was said."""


@dataclass
class Month:
    """What a month brought."""

    number: int
    scored: int
    left: int
    living: float
    frozen: float
    drift: str
    why: str
    round: str
    promoted: bool
    leak_used: bool
    leak_seen: bool


def shown(one: Month) -> str:
    """A month in a line."""
    marks = {CHANGE_AT: " <- the business changes", LEAK_AT: " <- a leaky column"}
    verb = "promoted" if one.promoted else "kept what serves"
    figures = f"{one.number:>5} {one.scored:>7,} {one.left:>5} {one.living:>7.3f} {one.frozen:>7.3f}  {one.drift:<8}"
    why = f" [{one.why[:140]}]" if one.drift in ALARMS else ""
    return f"{figures} {verb}: {one.round[:160]}{why}{marks.get(one.number, '')}"


def told(months: list[Month], seconds: float) -> dict[str, Any]:
    """Prints the year and returns its figures."""
    quiet = [one for one in months if one.number < CHANGE_AT]
    alarms = [one.number for one in months if one.drift in ALARMS]
    false = [number for number in alarms if number < CHANGE_AT]
    noticed = next((number for number in alarms if number >= CHANGE_AT), None)
    refused = next((one.number for one in months if one.leak_seen), None)
    used = [one.number for one in months if one.leak_used]
    after = [one for one in months if one.number > CHANGE_AT]
    gain = float(np.mean([one.living - one.frozen for one in after]))
    print(f"\nFalse alarms in {len(quiet)} quiet months: {len(false)} (at most {MOST_FALSE_ALARMS} in 12 wanted)")
    print(f"The change of month {CHANGE_AT} was noticed at the end of month {noticed}.")
    print(f"The leaky column of month {LEAK_AT} was refused in the round of month {refused}; ", end="")
    print(f"served by it: {used or 'never'}")
    print(f"ROC AUC after the change, mean of {len(after)} months: {np.mean([o.living for o in after]):.3f}, never "
          f"trained again {np.mean([o.frozen for o in after]):.3f} ({gain:+.3f})")  # fmt: skip
    print(f"{sum(one.promoted for one in months)} of {len(months)} rounds promoted; {seconds:.0f} s in all")
    return {
        "false_alarms": len(false), "quiet_months": len(quiet), "change_noticed": noticed, "leak_refused": refused,
        "leak_served": used, "auc_gain_after_change": gain, "seconds": seconds,
        "months": [vars(one) for one in months],
    }  # fmt: skip


__all__ = ["ALARMS", "BEFORE", "CHANGE_AT", "LEAK_AT", "MONTHS", "Month", "shown", "told"]
