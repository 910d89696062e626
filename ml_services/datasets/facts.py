"""What became of whom, out of the records as of now: the same definitions by which frames are labelled."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from ml_services.datasets import customers, leads, plan_choices
from ml_services.datasets.customers import Base
from ml_services.datasets.money import Floats
from ml_services.datasets.packages import packages_paid
from platform_core.errors import TrainingRefused
from users.models import Company
from users.privacy import digest

NOBODY = -1


@dataclass(frozen=True, slots=True)
class Truth:
    """What became of one. `event`: something that happened, and no mere lack of it."""

    value: Any
    occurred_at: datetime
    event: bool


@dataclass(slots=True)
class Who:
    """Rows by the names that predictions know them by: an external id that only one has, or an address's digest."""

    ids: dict[str, int]
    emails: pd.Series
    company_id: int
    _digests: dict[str, int] = field(default_factory=dict)

    def find(self, external_id: str, digests: list[str]) -> int:
        """The row, or NOBODY."""
        found = self.ids.get(external_id, NOBODY) if external_id else NOBODY
        if found == NOBODY and digests:
            if not self._digests:
                self._digests = {digest(self.company_id, mail): row for mail, row in self.emails.items()}
            found = next((self._digests[one] for one in digests if one in self._digests), NOBODY)
        return found


@dataclass(slots=True)
class CustomerFacts:
    """Of customers: when they ended, and what they bought."""

    base: Base
    who: Who
    starts: Floats
    order: Floats

    def churn(self, row: int, since: float, due: float, now: float) -> tuple[Any, float, bool] | None:
        """(value, when, event); None while it is open, or where it was over before."""
        if self.base.deleted[row] <= min(due, now):
            return None
        if not self.base.ending:
            return (self._paid(row, since, due)[1] == 0, due, False) if due <= now else None
        end = self.base.ends[row]
        if end <= since:
            return None
        if end <= min(due, now):
            return True, float(end), True
        return (False, due, False) if due <= now else None

    def clv(self, row: int, since: float, due: float, now: float) -> tuple[Any, float, bool] | None:
        """The value paid, once the horizon has closed."""
        if due > now or self.base.deleted[row] <= due:
            return None
        return round(max(self._paid(row, since, due)[0], 0.0), 2), due, False

    def _paid(self, row: int, since: float, due: float) -> tuple[float, int]:
        first, last = np.searchsorted(self.starts, [row, row + 1])
        places = self.order[first:last].astype(np.int64)
        at = self.base.bought.at[places]
        within = places[(at > since) & (at <= due)]
        return float(self.base.bought.amounts[within].sum()), len(within)


@dataclass(slots=True)
class LeadFacts:
    """Of leads: when they were won or lost, and the packages that their address paid for."""

    who: Who
    won: Floats
    lost: Floats
    emails: list[str]
    paid: dict[str, list[tuple[float, int]]]
    prices: dict[int, str]

    def lead_score(self, row: int, since: float, due: float, now: float) -> tuple[Any, float, bool] | None:
        """Won within the horizon; lost, or not won when it has closed."""
        won, lost = self.won[row], self.lost[row]
        if won <= since:
            return None
        if won <= min(due, now):
            return True, float(won), True
        if since < lost <= min(due, now):
            return False, float(lost), True
        return (False, due, False) if due <= now else None

    def plan_tier(self, row: int, since: float, due: float, now: float) -> tuple[Any, float, bool] | None:
        """The package paid most until the horizon closed; without one it stays open."""
        mail = self.emails[row]
        known = [(mail, amount) for at, amount in self.paid.get(mail, ()) if at <= due]
        package = packages_paid(known, self.prices).get(mail) if due <= now else None
        return (package, due, True) if package else None


def customer_facts(company: Company, now: float) -> CustomerFacts | None:
    """None where there are no customers."""
    try:
        base = customers.base(now, company.currency)
    except TrainingRefused:
        return None
    rows = base.people.customers.at(now)
    codes = rows["id"].map(base.people.codes)
    who = Who(_single(rows["external_id"], codes), base.people.by_email, company.pk)
    order = np.argsort(base.bought.codes, kind="stable").astype(np.float64)
    return CustomerFacts(base, who, base.bought.codes[order.astype(np.int64)].astype(np.float64), order)


def lead_facts(company: Company, now: float) -> LeadFacts | None:
    """None where there are no leads."""
    try:
        rows = leads.leads_now(now)
    except TrainingRefused:
        return None
    numbers = pd.Series(range(len(rows)), index=rows.index)
    mails = rows["email"].fillna("")
    # The newest lead of an address stands for it.
    newest = pd.Series(numbers.to_numpy(), index=mails).loc[lambda found: found.index != ""]
    newest = newest[~newest.index.duplicated(keep="last")]
    who = Who(_single(rows["external_id"], numbers), newest, company.pk)
    prices = plan_choices.prices_of(company)
    paid = plan_choices.paid_by_address(now, company.currency) if prices else {}
    lost = rows["lost_at"].to_numpy(np.float64)
    return LeadFacts(who, leads.won_at(rows, now), lost, list(mails), paid, prices)


def truth_of(found: tuple[Any, float, bool] | None, due: datetime) -> Truth | None:
    """The same with a time; that of a closed horizon is exactly its end."""
    if found is None:
        return None
    value, at, event = found
    moment = due if at == due.timestamp() else datetime.fromtimestamp(at, UTC)
    return Truth(bool(value) if isinstance(value, bool | np.bool_) else value, moment, event)


def _single(marks: pd.Series, rows: pd.Series) -> dict[str, int]:
    """The row of each external id; one that two people have, at two sources, names nobody."""
    pairs = pd.DataFrame({"mark": marks, "row": rows}).dropna().drop_duplicates()
    pairs = pairs[~pairs["mark"].duplicated(keep=False)]
    return {mark: int(row) for mark, row in zip(pairs["mark"], pairs["row"], strict=True)}


__all__ = ["NOBODY", "CustomerFacts", "LeadFacts", "Truth", "customer_facts", "lead_facts", "truth_of"]
