"""Churn and lifetime value: customers at several cut-offs, and what each did in the horizon after.

The cut-offs lie a horizon apart (a month at least), the last a horizon before the training: no two label windows
overlap, so that a customer who left is "yes" in one frame only, and no row that is learned from knows what a newer row
is judged by. A customer may be in several frames, as they were each time; the split is by time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml_services.datasets.customer_features import DAY_S, Snapshot, snapshot
from ml_services.datasets.money import Floats, Money, Purchases, money
from ml_services.datasets.persons import Persons, persons
from ml_services.splitting import FEWEST_RARER
from platform_core.errors import TrainingRefused

MOST_CUTS = 12
MOST_ROWS = 600_000
"""Of all cut-offs together: the newest are taken."""
SHORTEST_STEP_DAYS = 30
ACTIVE_DAYS = 365
"""Where no end is ever recorded, who has bought within so many days counts as a customer still."""


@dataclass(frozen=True, slots=True)
class Base:
    """The customers of a company as of a time. `ends`: when each ended; `ending`: whether ends are recorded at all:
    then these are what churn means; else it is a horizon without a purchase."""

    people: Persons
    money: Money
    as_of: float
    ends: Floats
    deleted: Floats
    bought: Purchases

    @property
    def ending(self) -> bool:
        return bool(np.isfinite(self.ends).any())

    def active(self, found: Snapshot) -> pd.DataFrame:
        """Those of a snapshot that were customers then."""
        codes = found.rows["code"].to_numpy(np.int64)
        here = ~(self.ends[codes] <= found.cut)
        if not self.ending:
            here &= found.rows["recency_days"].to_numpy(np.float64) <= ACTIVE_DAYS
        return found.rows[here]


def base(as_of: float, currency: str) -> Base:
    """Reads the company in force. Raises TrainingRefused where it has no customers."""
    people = persons(as_of)
    if not people.count:
        raise TrainingRefused("There are no customers in the records: bring them in first (docs/RECORDS.md).")
    amounts = money(people, as_of, currency)
    return Base(people, amounts, as_of, people.ends(as_of), people.deleted(as_of), amounts.until(as_of))


def training_rows(known: Base, horizon_days: int, notes: list[str]) -> pd.DataFrame:
    """The active customers of each cut-off, with `cut` and, of the horizon after it, `left` and `paid`."""
    parts: list[pd.DataFrame] = []
    hidden: list[Snapshot] = []
    step = max(horizon_days, SHORTEST_STEP_DAYS) * DAY_S
    cut = known.as_of - horizon_days * DAY_S
    total = 0
    for _ in range(MOST_CUTS):
        found = snapshot(known.people, known.money, cut)
        rows = known.active(found)
        if rows.empty or total + len(rows) > MOST_ROWS:
            break
        total += len(rows)
        hidden += [found] if found.unknown else []
        parts.append(_labelled(known, rows, cut, cut + horizon_days * DAY_S))
        cut -= step
    if not parts:
        needed = f"customers that were there {horizon_days} days ago"
        raise TrainingRefused(f"There are no {needed}: the horizon of none has closed.")
    _tell(known, parts, hidden, horizon_days, notes)
    return pd.concat(parts, ignore_index=True)


def _labelled(known: Base, rows: pd.DataFrame, start: float, end: float) -> pd.DataFrame:
    """Who was deleted at their source meanwhile is left out: what they did is not known."""
    codes = rows["code"].to_numpy(np.int64)
    within = (known.bought.at > start) & (known.bought.at <= end)
    paid = np.bincount(known.bought.codes[within], known.bought.amounts[within], minlength=known.people.count)
    times = np.bincount(known.bought.codes[within], minlength=known.people.count)
    ended = (known.ends[codes] > start) & (known.ends[codes] <= end)
    left = ended if known.ending else times[codes] == 0
    labelled = rows.assign(cut=start, left=left, paid=np.round(np.maximum(paid[codes], 0.0), 2))
    gone = (known.deleted[codes] <= end) & ~ended
    return labelled[~gone]


def check_leavers(rows: pd.DataFrame, ending: bool) -> None:
    """Raises TrainingRefused where too few left, or stayed."""
    left = int(rows["left"].sum())
    how = "left (with ended_at)" if ending else "bought nothing within a horizon"
    for count, what in ((left, how), (len(rows) - left, "stayed")):
        if count < FEWEST_RARER:
            raise TrainingRefused(f"Churn needs {FEWEST_RARER} customers that {what}; there are {count}.")


def check_buyers(rows: pd.DataFrame) -> None:
    """Raises TrainingRefused where too few bought."""
    count = int((rows["paid"] > 0).sum())
    if count < FEWEST_RARER:
        what = "customers that bought within a horizon"
        raise TrainingRefused(f"Lifetime value needs {FEWEST_RARER} {what}; there are {count}.")


def _tell(known: Base, parts: list[pd.DataFrame], hidden: list[Snapshot], horizon_days: int, notes: list[str]) -> None:
    notes.append(f"{len(parts)} cut-off(s), the last {horizon_days} days before the training.")
    if not known.ending:
        notes.append(f"No ended_at is recorded: who bought nothing for {horizon_days} days counts as having left.")
    if hidden:
        worst = max(one.unknown for one in hidden)
        notes.append(
            f"Plans and other values that change are left empty at {len(hidden)} cut-off(s): of up to {worst:.0%} of "
            "the customers they were not known by then, and who changed since would be told by it."
        )
    if others := known.money.others():
        notes.append(f"{others:,} payments or orders in other currencies than {known.money.currency} are not counted.")


__all__ = ["Base", "base", "check_buyers", "check_leavers", "training_rows"]
