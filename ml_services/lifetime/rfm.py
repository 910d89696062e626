"""What a customer's purchases up to a day say: recency, frequency, monetary value, and what follows from them.

Recency, frequency and monetary value as in Fader, Hardie and Lee, "RFM and CLV: Using Iso-value Curves for Customer
Base Analysis", Journal of Marketing Research 42, 2005: a purchase is a day with purchases, frequency counts the
repeats. Recency is counted back from the day asked, as people say it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_services.base import Field

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

WINDOWS_DAYS = (30, 90, 180)
NEW_CUSTOMER_DAYS = 30.0
"""Added to the age in rates, so that somebody who came today has no infinite one."""


@dataclass(frozen=True, slots=True)
class Purchases:
    """Purchase days, sorted by customer and day: `customer` indexes `names`; `day` since 1970-01-01; `amount` and
    `units` are sums over the day, `amount` never below 0."""

    names: tuple[str, ...]
    customer: Integers
    day: Integers
    amount: Floats
    units: Floats | None

    def of(self, customers: npt.NDArray[np.bool_]) -> Purchases:
        """Those of the customers marked."""
        kept = customers[self.customer]
        units = None if self.units is None else self.units[kept]
        return Purchases(self.names, self.customer[kept], self.day[kept], self.amount[kept], units)


@dataclass(frozen=True, slots=True)
class Frame:
    """One row a customer known before `cut`: `X` in the order of `fields`, `customer` as in Purchases."""

    customer: Integers
    X: Floats


def fields(*, units: bool, currency: str = "") -> tuple[Field, ...]:
    """The input schema of a model of purchases; the first four are what nobody can do without."""

    def number(name: str, text: str, unit: str = "", *, needed: bool = False, example: float | None = None) -> Field:
        return Field(
            name, "number", text, unit=unit, minimum=0.0, required=needed, nullable=not needed, example=example
        )

    asked = [
        Field("frequency", "integer", "Repeat purchases: days with a purchase, less the first", minimum=0.0, example=3),
        number("recency_days", "Days since the last purchase", "days", needed=True, example=41),
        number("age_days", "Days since the first purchase", "days", needed=True, example=220),
        number("monetary_mean", "Mean amount of a purchase day", currency, needed=True, example=35.5),
        number("monetary_sd", "Standard deviation of the amounts; empty for one purchase", currency),
        number("monetary_last", "Amount of the last purchase day", currency),
        number("monetary_max", "Largest amount of a purchase day", currency),
    ]
    for days in WINDOWS_DAYS:
        asked.append(number(f"purchases_{days}_days", f"Purchase days in the last {days} days"))
        asked.append(number(f"spend_{days}_days", f"Amount in the last {days} days", currency))
    if units:
        asked.append(number("units", "Units bought since the first purchase"))
    return tuple(asked)


def frame_before(purchases: Purchases, cut: int) -> Frame:
    """What was known at the end of the day before `cut`."""
    seen = purchases.day < cut
    day, amount = purchases.day[seen].astype(np.float64), purchases.amount[seen]
    customer, row = np.unique(purchases.customer[seen], return_inverse=True)
    n, today = len(customer), float(cut - 1)
    first, last = np.searchsorted(row, np.arange(n)), np.searchsorted(row, np.arange(n), side="right") - 1
    count = (last - first + 1).astype(np.float64)
    mean = np.bincount(row, amount, n) / count
    squares = np.bincount(row, (amount - mean[row]) ** 2, n)
    spread = np.where(count > 1, np.sqrt(squares / np.maximum(count - 1, 1)), np.nan)
    largest = np.maximum.reduceat(amount, first) if n else amount
    columns = [count - 1, today - day[last], today - day[first], mean, spread, amount[last], largest]
    for days in WINDOWS_DAYS:
        recent = day >= cut - days
        columns += [np.bincount(row[recent], minlength=n), np.bincount(row[recent], amount[recent], n)]
    if purchases.units is not None:
        columns.append(np.bincount(row, purchases.units[seen], n))
    return Frame(customer, np.stack(columns, axis=1).astype(np.float64))


def spent_between(purchases: Purchases, customer: Integers, start: int, end: int) -> tuple[Floats, Floats]:
    """(amount, purchase days) of each customer from the day `start` up to, not including, `end`."""
    inside = (purchases.day >= start) & (purchases.day < end)
    size = len(purchases.names)
    amount = np.bincount(purchases.customer[inside], purchases.amount[inside], size)
    bought = np.bincount(purchases.customer[inside], minlength=size).astype(np.float64)
    return np.asarray(amount[customer]), np.asarray(bought[customer])


def complete(X: Floats) -> Floats:
    """Fills what a record may leave out from the four fields that it must have: the recent windows as if purchases
    came evenly between first and last, amounts at their mean."""
    gaps = np.isnan(X)
    if not gaps[:, 5:].any():
        return X
    X = X.copy()
    frequency, recency, age, mean = X[:, 0], X[:, 1], X[:, 2], X[:, 3]
    for column in (5, 6):
        X[:, column] = np.where(gaps[:, column], mean, X[:, column])
    gap = np.maximum(age - recency, 0.0) / np.maximum(frequency, 1.0)
    for number, days in enumerate(WINDOWS_DAYS):
        purchases, spend = 7 + 2 * number, 8 + 2 * number
        evenly = 1.0 + np.minimum(np.floor((days - 1 - recency) / np.maximum(gap, 1.0)), frequency)
        guess = np.where(recency < days, np.where(age < days, frequency + 1.0, evenly), 0.0)
        X[:, purchases] = np.where(gaps[:, purchases], guess, X[:, purchases])
        X[:, spend] = np.where(gaps[:, spend], X[:, purchases] * mean, X[:, spend])
    return X


DERIVED: tuple[tuple[str, int], ...] = (
    ("tenure", 2), ("gap", 0), ("recency_in_gaps", 1), ("recency_share", 1), ("rate", 0), ("total", 3),
)  # fmt: skip
"""Derived features, and the position of the field that their effect is told under."""


def derive(X: Floats) -> Floats:
    """(n, fields) to (n, fields + 6): the fields and what trees cannot easily make of them, ratios and products."""
    X = complete(X)
    frequency, recency, age, mean = X[:, 0], X[:, 1], X[:, 2], X[:, 3]
    tenure = np.maximum(age - recency, 0.0)
    gap = np.where(frequency > 0, tenure / np.maximum(frequency, 1.0), np.nan)
    return np.column_stack([
        X, tenure, gap, recency / np.maximum(gap, 1.0), recency / np.maximum(age, 1.0),
        (frequency + 1.0) / (age + NEW_CUSTOMER_DAYS), mean * (frequency + 1.0),
    ])  # fmt: skip


__all__ = [
    "DERIVED",
    "WINDOWS_DAYS",
    "Floats",
    "Frame",
    "Integers",
    "Purchases",
    "complete",
    "derive",
    "fields",
    "frame_before",
    "spent_between",
]
