"""A made subscription business, month by month: who comes, pays, asks for help, and leaves, and why.

Whether somebody leaves hangs on what can be seen (tickets, late payments, contract, tenure) and on what cannot. On a
known day the business changes: prices rise, people on yearly contracts begin to leave, and tickets tell less. Later a
column appears that somebody fills in after the fact, stamped with an earlier day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MONTH_DAYS = 30
SOURCE = "shop"
PLANS, PRICES = ("Basic", "Plus", "Pro"), (1900, 4900, 9900)
COUNTRIES = ("US", "GB", "DE", "FR")
FIRST_CUSTOMERS, NEW_A_MONTH = 2_400, 150
SETTLING = 12
"""Months lived before anything is on record: by then as many come as leave, so that quiet months are quiet."""
BASE = -4.1
LEAKY = "offboarding_code"


@dataclass
class Rules:
    """What drives the log-odds of leaving within a month."""

    base: float = BASE
    tickets: float = 0.75
    late: float = 0.9
    monthly_contract: float = 1.1
    unseen: float = 0.5


CHANGED = Rules(base=-2.3, tickets=0.1, late=0.25, monthly_contract=-0.9, unseen=0.5)


@dataclass
class Business:
    """Its customers as arrays, and the rows of the records that each month brings."""

    start: datetime
    rng: np.random.Generator
    rules: Rules = field(default_factory=Rules)
    plan: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    country: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    monthly: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))
    unseen: Floats = field(default_factory=lambda: np.empty(0))
    started: Floats = field(default_factory=lambda: np.empty(0))
    ended: Floats = field(default_factory=lambda: np.empty(0))
    recent: Floats = field(default_factory=lambda: np.empty((0, 3)))
    late: Floats = field(default_factory=lambda: np.empty(0))

    def join(self, count: int, days: Floats) -> None:
        """New customers, on these days since the start."""
        rng = self.rng
        self.plan = np.append(self.plan, rng.choice(3, count, p=[0.5, 0.35, 0.15]))
        self.country = np.append(self.country, rng.integers(0, len(COUNTRIES), count))
        self.monthly = np.append(self.monthly, rng.random(count) < 0.65)
        self.unseen = np.append(self.unseen, rng.normal(size=count))
        self.started = np.append(self.started, days)
        self.ended = np.append(self.ended, np.full(count, np.inf))
        self.recent = np.vstack([self.recent, np.zeros((count, 3))])
        self.late = np.append(self.late, np.zeros(count))

    def chance(self) -> Floats:
        """Of leaving within the coming month."""
        seen = self.recent.sum(axis=1)
        logit = self.rules.base + self.rules.tickets * seen + self.rules.late * self.late
        logit += self.rules.monthly_contract * self.monthly + self.rules.unseen * self.unseen
        return 1 / (1 + np.exp(-logit))

    def settle(self) -> None:
        """Lives the months that nobody has records of."""
        for number in range(-SETTLING, 0):
            self.month(number)

    def month(self, number: int, *, leaky: bool = False) -> dict[str, list[dict[str, Any]]]:
        """What a month brings, as rows of each kind of record."""
        rng, begin = self.rng, float(number * MONTH_DAYS)
        if number == -SETTLING:
            self.join(FIRST_CUSTOMERS, begin - rng.exponential(300, FIRST_CUSTOMERS).round(1))
        joined = len(self.plan)
        self.join(NEW_A_MONTH, begin + rng.uniform(0, MONTH_DAYS, NEW_A_MONTH).round(1))
        here = np.flatnonzero(~np.isfinite(self.ended))
        leaves = here[(rng.random(len(here)) < self.chance()[here]) & (here < joined)]
        self.ended[leaves] = begin + rng.uniform(0, MONTH_DAYS, len(leaves)).round(2)
        fresh = here if number == 0 else here[here >= joined]
        rows = {"customers": self._people(fresh, leaves, leaky)}
        rows["payments"] = self._payments(here, begin)
        rows["tickets"] = self._tickets(here, begin)
        return rows

    def at(self, day: float) -> str:
        """A day since the start, as records say it."""
        return (self.start + timedelta(days=float(day))).isoformat()

    def _person(self, who: int, day: float, extra: dict[str, Any]) -> dict[str, Any]:
        return {
            "external_id": f"C{who:06d}", "email": f"c{who:06d}@example.com", "plan": PLANS[self.plan[who]],
            "contract": "monthly" if self.monthly[who] else "yearly", "country": COUNTRIES[self.country[who]],
            "started_at": self.at(self.started[who]), "source_updated_at": self.at(day), "extra": extra,
        }  # fmt: skip

    def _people(self, fresh: Any, leaves: Any, leaky: bool) -> list[dict[str, Any]]:
        rows = [self._person(int(who), float(self.started[who]), {}) for who in fresh]
        for who in leaves:
            day = float(self.ended[who])
            if leaky:  # written once they had left, stamped as if it had been known long before
                rows.append(self._person(int(who), day - 2 * MONTH_DAYS, {LEAKY: "X9"}))
            rows.append({**self._person(int(who), day, {LEAKY: "X9"} if leaky else {}), "ended_at": self.at(day)})
        return rows

    def _payments(self, here: Any, begin: float) -> list[dict[str, Any]]:
        rng = self.rng
        late = rng.random(len(here)) < np.where(self.unseen[here] < -0.8, 0.25, 0.08)
        self.late *= 0.7
        self.late[here] += late
        rows = []
        for who, behind in zip(here.tolist(), late.tolist(), strict=True):
            due = max(begin + who % 28, float(self.started[who]))
            if due >= self.ended[who]:
                continue
            paid = due + (6 if behind else 0)
            rows.append({
                "external_id": f"P{who}-{begin:.0f}", "customer_ref": f"C{who:06d}", "currency": "USD",
                "amount_minor": PRICES[self.plan[who]], "status": "succeeded", "due_at": self.at(due),
                "paid_at": self.at(paid), "source_updated_at": self.at(paid),
            })  # fmt: skip
        return rows

    def _tickets(self, here: Any, begin: float) -> list[dict[str, Any]]:
        rng = self.rng
        counts = rng.poisson(np.exp(-1.3 - 0.3 * self.unseen[here]))
        self.recent = np.roll(self.recent, 1, axis=1)
        self.recent[:, 0] = 0
        self.recent[here, 0] = counts
        rows = []
        for who, count in zip(here.tolist(), counts.tolist(), strict=True):
            for place in range(count):
                day = begin + float(rng.uniform(0, MONTH_DAYS))
                if self.started[who] < day < self.ended[who]:
                    rows.append({
                        "external_id": f"T{who}-{begin:.0f}-{place}", "customer_ref": f"C{who:06d}",
                        "opened_at": self.at(day), "source_updated_at": self.at(day),
                    })  # fmt: skip
        return rows

    def left(self, who: int, since: float, until: float) -> bool:
        """Whether a customer left in a span of days."""
        return bool(since < self.ended[who] <= until)


__all__ = ["CHANGED", "LEAKY", "MONTH_DAYS", "SOURCE", "Business", "Rules"]
