"""Which predictions count, and what came of them.

A customer who is scored every day is one customer: of one version's predictions for one external id, the first counts,
and the next is the first one made at least a horizon after it. Predictions without an external id count each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_services.scoreboard.ledger_rows import Rows

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DAY_S = 86_400.0
MS = 1000


@dataclass(frozen=True, slots=True)
class Counted:
    """What counts of one version: `rows` with their outcomes; of how many `closed` ones, repeated ones among them;
    `silent_no`: of how many of them silence is the no."""

    rows: Rows
    closed: int
    silent_no: int = 0

    @property
    def reported(self) -> npt.NDArray[np.bool_]:
        """Which rows have an outcome."""
        return ~np.isnan(self.rows.more["came"]) if "came" in self.rows.more else np.isnan(self.rows.at)


def counted(
    rows: Rows, horizons: Sequence[int], until_s: float, *, yes_no: bool, silence_means_no: bool
) -> list[Counted]:
    """By version, in the order of `horizons` (days of each)."""
    records = np.unique(rows.record, return_inverse=True)[1].astype(np.int64)
    keys = _Keys(rows, records, max(horizons, default=0) * DAY_S)
    found = []
    for place, days in enumerate(horizons):
        own = np.flatnonzero((rows.place == place) & (rows.at + days * DAY_S <= until_s))
        starts, chosen = _chosen(keys, rows, own, days * DAY_S, prefer_reported=not yes_no)
        part = rows.taken(chosen)
        silent = 0
        if yes_no:
            came = keys.first_yes_within(rows, starts, days * DAY_S)
            if silence_means_no:
                silent = int(np.isnan(came).sum())
                came = np.nan_to_num(came, nan=0.0)
            part.more["came"] = came
        found.append(Counted(part, len(own), silent))
    return found


class _Keys:
    """Record and time as one whole number that sorts by both; and the events of each record so sorted."""

    def __init__(self, rows: Rows, records: Ints, longest_s: float) -> None:
        happened = rows.at + np.nan_to_num(rows.took)
        self.start = float(rows.at.min()) if len(rows) else 0.0
        self.span = int((float(happened.max()) - self.start + longest_s) * MS) + 2 if len(rows) else 1
        self.records, self.row = records, self.key(records, rows.at)
        came = rows.more.get("came", np.full(len(rows), np.nan))
        known = ~np.isnan(came) & ~np.isnan(rows.took) & (rows.record != 0)
        self.known = np.sort(self.key(records[known], happened[known]))
        yes = known & (came == 1.0)
        self.yes = np.sort(self.key(records[yes], happened[yes]))

    def key(self, records: Ints, at: Floats) -> Ints:
        moments: Ints = np.rint((at - self.start) * MS).astype(np.int64)
        return records * self.span + moments

    def first_yes_within(self, rows: Rows, starts: Ints, horizon_s: float) -> Floats:
        """1 where the first yes of the record after the prediction came within the horizon, 0 where it came later or
        only a no was reported, NaN where nothing was. What is said after the horizon says that it had not come."""
        came, took = rows.more["came"][starts], rows.took[starts]
        alone = np.where(np.isnan(came) | np.isnan(took), np.nan, ((came == 1.0) & (took <= horizon_s)).astype(float))
        begin = self.row[starts]
        last = np.minimum(begin + round(horizon_s * MS), (self.records[starts] + 1) * self.span - 1)
        yes = _between(self.yes, begin, last)
        known = _between(self.known, begin, (self.records[starts] + 1) * self.span - 1)
        shared = np.where(yes, 1.0, np.where(known, 0.0, np.nan))
        result: Floats = np.where(rows.record[starts] == 0, alone, shared)
        return result


def _between(sorted_keys: Ints, first: Ints, last: Ints) -> npt.NDArray[np.bool_]:
    """Whether there is a key from first to last, both included."""
    found: npt.NDArray[np.bool_] = np.searchsorted(sorted_keys, first) < np.searchsorted(
        sorted_keys, last, side="right"
    )
    return found


def _chosen(keys: _Keys, rows: Rows, own: Ints, horizon_s: float, *, prefer_reported: bool) -> tuple[Ints, Ints]:
    """(the first row of each window, the row of it that counts: with `prefer_reported` the first that has an outcome,
    else the first), in order of time. Without a horizon a record has one window."""
    single = own[rows.record[own] == 0]
    several = own[rows.record[own] != 0]
    several = several[np.argsort(keys.row[several], kind="stable")]
    key, record = keys.row[several], keys.records[several]
    wait = round(horizon_s * MS) if horizon_s > 0 else keys.span
    following = np.searchsorted(key, np.minimum(key + wait, (record + 1) * keys.span))
    begins = np.flatnonzero(np.diff(record, prepend=-1) != 0)
    windows = []
    while len(begins):
        windows.append(begins)
        after = following[begins]
        here = after < len(key)
        begins = after[here][record[after[here]] == record[begins[here]]]
    starts = np.concatenate(windows) if windows else several[:0]
    chosen = starts
    if prefer_reported and len(starts):
        known = np.where(np.isnan(rows.more["came"][several]), len(key), np.arange(len(key)))
        nearest = np.minimum.accumulate(known[::-1])[::-1]
        chosen = np.where(nearest[starts] < following[starts], nearest[starts], starts)
    firsts = np.concatenate([single, several[starts]])
    order = np.argsort(firsts, kind="stable")
    return firsts[order], np.concatenate([single, several[chosen]])[order]


__all__ = ["Counted", "counted"]
