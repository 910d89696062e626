"""Purchases: payments that succeeded, less what was given back; orders of those who have no payment. Of several
currencies only the company's own is counted: amounts of others cannot be added to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ml_services.datasets.persons import NOBODY, Codes, Persons
from ml_services.datasets.reading import Known, known
from platform_core.records.kinds import FAILED, ORDER, PAID, PAYMENT, TICKET
from users.currencies import minor_units

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Purchases:
    """What was bought until a time: the person, when, and the amount in whole units of the currency. `late`, `failed`:
    people and times of payments after their due date, and of those that failed."""

    codes: Codes
    at: Floats
    amounts: Floats
    late: tuple[Codes, Floats]
    failed: tuple[Codes, Floats]


@dataclass(frozen=True, slots=True)
class Money:
    """The payments and orders of a company, and its tickets."""

    payments: Known
    orders: Known
    tickets: Known
    owners: dict[str, pd.Series]
    currency: str

    def until(self, cut: float) -> Purchases:
        """The purchases as known at a time."""
        paid = self._of(self.payments, "payments", "paid_at", cut)
        ordered = self._of(self.orders, "orders", "placed_at", cut)
        own = paid["currency"] == self.currency
        good = paid[own & (paid["status"] == PAID)]
        ordered = ordered[(ordered["currency"] == self.currency) & ~(ordered["cancelled_at"] <= cut)]
        ordered = ordered[~ordered["code"].isin(paid["code"].unique())]
        late, failed = good[good["paid_at"] > good["due_at"]], paid[paid["status"] == FAILED]
        scale = 10.0 ** minor_units(self.currency)
        amounts = np.concatenate([_kept(good, cut), ordered["amount_minor"].to_numpy(np.float64)]) / scale
        return Purchases(
            codes=np.concatenate([good["code"].to_numpy(np.int64), ordered["code"].to_numpy(np.int64)]),
            at=np.concatenate([good["paid_at"].to_numpy(np.float64), ordered["placed_at"].to_numpy(np.float64)]),
            amounts=amounts,
            late=(late["code"].to_numpy(np.int64), late["paid_at"].to_numpy(np.float64)),
            failed=(failed["code"].to_numpy(np.int64), failed["paid_at"].to_numpy(np.float64)),
        )

    def tickets_until(self, cut: float) -> tuple[Codes, Floats]:
        """Who opened tickets, and when."""
        rows = self._of(self.tickets, "tickets", "opened_at", cut)
        return rows["code"].to_numpy(np.int64), rows["opened_at"].to_numpy(np.float64)

    def others(self) -> int:
        """How many payments and orders are in another currency."""
        rows = (self.payments.rows["currency"], self.orders.rows["currency"])
        return int(sum((one != self.currency).sum() for one in rows))

    def _of(self, found: Known, plural: str, moment: str, cut: float) -> pd.DataFrame:
        rows = found.at(cut).assign(code=self.owners[plural])
        return rows[(rows[moment] <= cut) & ~(rows["deleted_at"] <= cut) & (rows["code"] != NOBODY)]


def money(people: Persons, as_of: float, currency: str) -> Money:
    """Of the company in force, as of a time."""
    paid = ("email", "amount_minor", "currency", "status", "paid_at", "due_at", "refunded", "refunded_minor")
    payments = known(PAYMENT, (*paid, "refunded_at", "deleted_at"), as_of)
    orders = known(ORDER, ("email", "amount_minor", "currency", "placed_at", "cancelled_at", "deleted_at"), as_of)
    tickets = known(TICKET, ("email", "opened_at", "deleted_at"), as_of)
    kinds = {"payments": payments, "orders": orders, "tickets": tickets}
    owners = {name: pd.Series(people.owners(one.at(as_of)), one.rows.index) for name, one in kinds.items()}
    return Money(payments, orders, tickets, owners, currency)


def _kept(rows: pd.DataFrame, cut: float) -> Floats:
    """Of each payment, in minor units, what had not been given back by then."""
    amounts = rows["amount_minor"].to_numpy(np.float64)
    part = rows["refunded_minor"].fillna(0.0).to_numpy(np.float64)
    back = np.where((rows["refunded"] == "yes").to_numpy(bool), amounts, part)
    known_by_then = ~(rows["refunded_at"].to_numpy(np.float64) > cut)
    found: Floats = amounts - np.where(known_by_then, back, 0.0)
    return found


__all__ = ["Floats", "Money", "Purchases", "money"]
