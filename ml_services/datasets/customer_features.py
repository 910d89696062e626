"""What is known of customers at a cut-off, named as the predictors' own fields (`customer_fields`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml_services.customer_fields import CUSTOMER_FIELDS, WINDOW_DAYS
from ml_services.datasets.extras import spread
from ml_services.datasets.money import Floats, Money
from ml_services.datasets.persons import TEXTS, Codes, Persons

DAY_S = 86_400.0
MONTH_DAYS = 30.4375
TICKET_DAYS = 90
KNOWN_SHARE = 0.98
"""A value without a time of its own (a plan, a score) is taken at a cut-off only where it was known by then of so many
of the rows. Else who changed since would be those of whom it is not known, and its absence would tell the answer."""
FIXED = ("country",)
"""Texts that seldom change: what was first known of them is taken for earlier days too."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Customers at a cut-off. `unknown`: the share of rows whose changeable values were not known by then, where this
    is too many for any of them to be taken."""

    rows: pd.DataFrame
    cut: float
    unknown: float


def snapshot(people: Persons, money: Money, cut: float) -> Snapshot:
    """All who were customers at some time before the cut-off, by `code`, with their features."""
    rows = people.at(cut)
    here = rows["code"].to_numpy(np.int64)
    found = {"code": here, "customer_id": rows["external_id"].to_numpy()}
    for name, values in _activity(money, people.count, cut).items():
        found[name] = values[here]
    found["tenure_months"] = np.round((cut - rows["started_at"].to_numpy(np.float64)) / DAY_S / MONTH_DAYS, 2)
    table = pd.DataFrame(found)
    unknown = float((rows["known_since"] > cut).mean()) if len(rows) else 0.0
    settled = unknown <= 1.0 - KNOWN_SHARE
    for name in TEXTS:
        if settled or name in FIXED:
            table[name] = rows[name].to_numpy()
    if settled:
        taken = {*table.columns, "cut_off", "churned"}
        for name, column in spread(rows["extra"], taken).items():
            table[name] = column.to_numpy()
    return Snapshot(table, cut, 0.0 if settled else unknown)


def _activity(money: Money, count: int, cut: float) -> dict[str, Floats]:
    """By person: how recently, how often and for how much they bought; tickets, late and failed payments."""
    bought = money.until(cut)
    last: Floats = np.full(count, -np.inf)
    np.maximum.at(last, bought.codes, bought.at)
    lately = bought.at > cut - WINDOW_DAYS * DAY_S
    times = counted(bought.codes[lately], count)
    spent = np.bincount(bought.codes[lately], bought.amounts[lately], minlength=count)
    window = cut - WINDOW_DAYS * DAY_S
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(times > 0, np.round(spent / times, 2), np.nan)
    recency = np.where(np.isfinite(last), (cut - last) / DAY_S, np.nan)
    return {
        "recency_days": np.round(recency, 1).astype(np.float64),
        "frequency": times,
        "monetary": np.round(np.maximum(spent, 0.0), 2).astype(np.float64),
        "avg_order_value": mean,
        "support_tickets_90d": _since(money.tickets_until(cut), cut - TICKET_DAYS * DAY_S, count),
        "late_payments": _since(bought.late, window, count),
        "failed_payments": _since(bought.failed, window, count),
    }


def counted(codes: Codes, count: int) -> Floats:
    """How many there are of each."""
    return np.bincount(codes, minlength=count).astype(np.float64)


def _since(events: tuple[Codes, Floats], start: float, count: int) -> Floats:
    codes, at = events
    return counted(codes[at > start], count)


def order(names: list[str]) -> list[str]:
    """Columns as the predictors declare them, then the others by name."""
    declared = [field.name for field in CUSTOMER_FIELDS]
    return [*(name for name in declared if name in names), *sorted(set(names) - set(declared))]


__all__ = ["DAY_S", "KNOWN_SHARE", "Snapshot", "counted", "order", "snapshot"]
