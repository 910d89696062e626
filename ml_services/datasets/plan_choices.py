"""Plan tier: what leads said of their business, beside the package that their payments show they took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ml_services.datasets.extras import spread
from ml_services.datasets.packages import packages_paid, price_list
from ml_services.datasets.reading import known
from ml_services.splitting import FEWEST_RARER
from platform_core.errors import TrainingRefused
from platform_core.records.kinds import LEAD, PAID, PAYMENT
from users.models import Company

STANDING_FOR = {"business_type": "industry", "business_size": "company_size"}
"""A form's own answers stand in `extra`; where they do not, these columns of the lead stand for them."""


def training_rows(as_of: float, packages: Sequence[Mapping[str, Any]], currency: str) -> pd.DataFrame:
    """One row for each address that is among the leads and has paid for a package, with `cut` and `package`."""
    rows = newest_leads(as_of)
    paid = paid_packages(as_of, packages, currency)
    rows = rows.assign(package=rows["email"].map(pd.Series(paid, dtype="str")))
    rows = rows[rows["package"].notna()]
    if len(rows) < FEWEST_RARER:
        raise TrainingRefused(
            f"Plan tier needs {FEWEST_RARER} leads whose payments, by the same address, are of a package of the price "
            f"list; there are {len(rows)}."
        )
    return rows


def open_rows(as_of: float, packages: Sequence[Mapping[str, Any]], currency: str) -> pd.DataFrame:
    """The leads that have paid for no package yet."""
    rows = newest_leads(as_of)
    return rows[~rows["email"].isin(paid_packages(as_of, packages, currency))]


def newest_leads(as_of: float) -> pd.DataFrame:
    """The newest lead of each address, as it said at first: `lead_id`, `email`, `cut` and the answers."""
    leads = known(LEAD, ("email", "created_at", "deleted_at", "industry", "company_size", "extra"), as_of)
    now = leads.at(as_of)
    rows = leads.at(now["created_at"])
    there = (now["created_at"] <= as_of) & ~(now["deleted_at"] <= as_of) & (now["email"].fillna("") != "")
    said = spread(rows["extra"], ())
    table = pd.DataFrame({"lead_id": now["external_id"], "email": now["email"], "cut": now["created_at"]})
    for name, column in STANDING_FOR.items():
        plain = rows[column].where(rows[column] != "")
        table[name] = said[name].astype("str").fillna(plain) if name in said else plain
    table = table.assign(source=now["source"])[there]
    table = table.sort_values(["cut", "source", "lead_id"]).drop_duplicates("email", keep="last")
    return table.drop(columns="source")


def paid_packages(as_of: float, packages: Sequence[Mapping[str, Any]], currency: str) -> dict[str, str]:
    """The package of each address, by what it had paid by then. Raises TrainingRefused without a price list."""
    prices = price_list(packages, currency)
    if not prices:
        raise TrainingRefused("The company's price list is empty: set its packages and their prices first.")
    paid = paid_by_address(as_of, currency)
    return packages_paid(((who, amount) for who, all_of in paid.items() for _, amount in all_of), prices)


def paid_by_address(as_of: float, currency: str) -> dict[str, list[tuple[float, int]]]:
    """Of each address what it had paid by then and kept, (time, minor units), the newest first."""
    names = ("email", "amount_minor", "currency", "status", "paid_at", "refunded", "refunded_at", "deleted_at")
    rows = known(PAYMENT, names, as_of).at(as_of)
    back = (rows["refunded"] == "yes") & ~(rows["refunded_at"] > as_of)
    good = (rows["status"] == PAID) & (rows["currency"] == currency) & (rows["paid_at"] <= as_of) & ~back
    rows = rows[good & (rows["email"].fillna("") != "") & ~(rows["deleted_at"] <= as_of)]
    rows = rows.sort_values(["paid_at", "source", "external_id"], ascending=False)
    found: dict[str, list[tuple[float, int]]] = {}
    for who, at, amount in zip(rows["email"], rows["paid_at"], rows["amount_minor"].astype("int64"), strict=True):
        found.setdefault(who, []).append((at, amount))
    return found


def prices_of(company: Company) -> dict[int, str]:
    """The company's price list by amount; empty where it has none."""
    return price_list(company.packages, company.currency)


__all__ = ["open_rows", "paid_by_address", "prices_of", "training_rows"]
