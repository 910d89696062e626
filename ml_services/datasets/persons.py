"""Who is who: one person for each e-mail address among the customers, whatever the source; one without an address is
their own record. Payments, orders and tickets are a person's by the customer that they name, else by their address."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ml_services.datasets.reading import Known, known
from platform_core.records.kinds import CUSTOMER

Codes = npt.NDArray[np.int64]
TEXTS = ("plan", "contract", "country", "marketing_opt_in")
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Persons:
    """`codes`: the person of each customer record, by its id; `by_email`: of each address; `count` of them."""

    customers: Known
    codes: pd.Series
    by_email: pd.Series
    count: int

    def owners(self, rows: pd.DataFrame) -> Codes:
        """The person of each payment, order or ticket; NOBODY where it names none that is known."""
        named = rows["customer_id"].map(self.codes)
        known_by = rows["email"].map(self.by_email)
        found: Codes = named.fillna(known_by).fillna(NOBODY).to_numpy().astype(np.int64)
        return found

    def at(self, cut: float) -> pd.DataFrame:
        """One row for each person that was there by then, as known then: `code`, `id` (that of their oldest record),
        `started_at`, `known_since`, texts and `extra` (JSON). Who had been deleted is not among them."""
        rows = self.customers.at(cut)
        gone = rows["deleted_at"] <= cut
        rows = rows[(rows["started_at"] <= cut) & ~gone].assign(code=lambda kept: kept["id"].map(self.codes))
        rows = rows.sort_values(["code", "started_at", "source", "external_id"], kind="stable")
        for name in TEXTS:
            rows[name] = rows[name].where(rows[name] != "")
        first = rows.drop_duplicates("code").set_index("code")
        if len(first) < len(rows):
            grouped = rows.groupby("code", sort=True)
            first[list(TEXTS)] = grouped[list(TEXTS)].first()
            first["known_since"] = grouped["known_since"].max()
        return first.reset_index()[["code", "external_id", "started_at", "known_since", "extra", *TEXTS]]

    def ends(self, as_of: float) -> npt.NDArray[np.float64]:
        """When each person ended, as known at `as_of`: with the last of their records; NaN where one goes on."""
        rows = self.customers.at(as_of)
        rows = rows.assign(code=rows["id"].map(self.codes), ended_at=rows["ended_at"].fillna(np.inf))
        last = rows.groupby("code", sort=True)["ended_at"].max().reindex(range(self.count))
        found: npt.NDArray[np.float64] = last.where(np.isfinite(last)).to_numpy(np.float64)
        return found

    def deleted(self, as_of: float) -> npt.NDArray[np.float64]:
        """When the last of each person's records was deleted at its source; NaN where one is there."""
        rows = self.customers.at(as_of)
        rows = rows.assign(code=rows["id"].map(self.codes), deleted_at=rows["deleted_at"].fillna(np.inf))
        last = rows.groupby("code", sort=True)["deleted_at"].max().reindex(range(self.count))
        found: npt.NDArray[np.float64] = last.where(np.isfinite(last)).to_numpy(np.float64)
        return found


def persons(as_of: float) -> Persons:
    """The customers of the company in force, as of a time."""
    names = ("email", "started_at", "ended_at", "deleted_at", "extra", *TEXTS)
    customers = known(CUSTOMER, names, as_of)
    rows = customers.at(as_of)
    own = rows["source"].str.cat(rows["external_id"], sep="\0")
    keys = rows["email"].where(rows["email"].fillna("") != "", own)
    codes, marks = pd.factorize(keys, sort=True)
    addresses = pd.Series(np.arange(len(marks)), index=pd.Index(marks, dtype="str"))
    return Persons(
        customers=customers,
        codes=pd.Series(codes, index=rows["id"].to_numpy()),
        by_email=addresses[~addresses.index.str.contains("\0", regex=False)],
        count=len(marks),
    )


__all__ = ["NOBODY", "Codes", "Persons", "persons"]
