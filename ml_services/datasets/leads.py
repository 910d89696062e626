"""Lead score: leads as they were a day after they came in, and whether they became customers within the horizon."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml_services.datasets.customer_features import DAY_S, KNOWN_SHARE
from ml_services.datasets.extras import spread
from ml_services.datasets.money import Floats
from ml_services.datasets.persons import persons
from ml_services.datasets.reading import Known, known
from ml_services.splitting import FEWEST_RARER
from platform_core.errors import TrainingRefused
from platform_core.records.kinds import LEAD, PAID, PAYMENT

SETTLED_S = DAY_S
"""After so long a lead has been filled in: its features are those of then. Who converted or was lost by then is left
out: there was nothing to score any more."""
NAMES = {
    "source_channel": "source", "industry": "industry", "company_size": "company_size", "role": "role_level",
    "country": "country",
}  # fmt: skip
"""The columns of leads by the predictor's names."""
COLUMNS = (*NAMES, "email", "created_at", "converted_at", "lost_at", "deleted_at", "extra")


def training_rows(as_of: float, horizon_days: int, notes: list[str]) -> pd.DataFrame:
    """Leads whose horizon has closed, with `cut` and `won`. Raises TrainingRefused with what is missing."""
    leads = _read(as_of)
    now = leads.at(as_of)
    scored = now["created_at"] + SETTLED_S
    won = won_at(now, as_of)
    due = now["created_at"] + horizon_days * DAY_S
    over = ~((won > scored) | np.isnan(won)) | (now["lost_at"] <= scored) | (now["deleted_at"] <= as_of)
    closed = (due <= as_of) & (scored < due)
    taken = (closed & ~over).to_numpy()
    rows = features(leads, scored, notes)[taken]
    rows = rows.assign(cut=now["created_at"][taken], won=(won <= due)[taken])
    open_still, gone = int((~closed).sum()), int((closed & over).sum())
    notes.append(f"{open_still:,} leads are left out: {horizon_days} days have not passed since they came in.")
    if gone:
        notes.append(f"{gone:,} leads are left out that were decided within a day, or deleted at their source.")
    _check(rows, horizon_days, open_still)
    return rows


def open_rows(as_of: float) -> pd.DataFrame:
    """The leads that are neither won nor lost, as known at that time."""
    leads = _read(as_of)
    now = leads.at(as_of)
    undecided = ~(now["lost_at"] <= as_of) & ~(now["deleted_at"] <= as_of) & np.isnan(won_at(now, as_of))
    return features(leads, pd.Series(as_of, index=now.index), [])[undecided.to_numpy()]


def leads_now(as_of: float) -> pd.DataFrame:
    """All leads as known at a time, the oldest first. Raises TrainingRefused where there are none."""
    rows = _read(as_of).at(as_of)
    rows = rows[~(rows["deleted_at"] <= as_of)]
    return rows.sort_values(["created_at", "source", "external_id"]).reset_index(drop=True)


def won_at(leads: pd.DataFrame, as_of: float) -> Floats:
    """When each became a customer, NaN where not by `as_of`: by the lead's own word, or since a customer or a payment
    with their address came after the lead."""
    people = persons(as_of)
    first = pd.Series(np.nan, index=range(people.count), dtype="float64")
    codes = leads["email"].map(people.by_email)
    own = leads["converted_at"].where(leads["converted_at"] <= as_of)
    if people.count:
        rows = people.at(as_of)
        first = pd.Series(rows["started_at"].to_numpy(), index=rows["code"].to_numpy()).reindex(range(people.count))
    started = codes.map(first)
    started = started.where(started >= leads["created_at"])
    paid = _first_paid(leads, as_of)
    found: Floats = pd.concat([own, started, paid], axis=1).min(axis=1).to_numpy(np.float64)
    return found


def _first_paid(leads: pd.DataFrame, as_of: float) -> pd.Series:
    """The first payment after a lead came in, by address. It may have no customer record."""
    rows = known(PAYMENT, ("email", "status", "paid_at", "deleted_at"), as_of).at(as_of)
    good = rows[(rows["status"] == PAID) & (rows["paid_at"] <= as_of) & (rows["email"].fillna("") != "")]
    asked = leads.loc[leads["email"].fillna("") != "", ["id", "email", "created_at"]].sort_values("created_at")
    both = pd.merge_asof(
        asked, good[["email", "paid_at"]].sort_values("paid_at"), left_on="created_at", right_on="paid_at", by="email",
        direction="forward",
    )  # fmt: skip
    return leads["id"].map(both.set_index("id")["paid_at"])


def features(leads: Known, scored: pd.Series, notes: list[str]) -> pd.DataFrame:
    """What was known of each lead when it was scored."""
    rows = leads.at(scored)
    table = pd.DataFrame({"lead_id": rows["external_id"]})
    for column, name in NAMES.items():
        table[name] = rows[column].where(rows[column] != "")
    unknown = float((rows["known_since"] > scored).mean()) if len(rows) else 0.0
    if unknown <= 1.0 - KNOWN_SHARE:
        for name, column in spread(rows["extra"], {*table.columns, "cut_off", "converted"}).items():
            table[name] = column
    elif (rows["extra"] != "{}").any():
        notes.append(
            f"The values in extra are left out: of {unknown:.0%} of the leads they were not known a day after the lead "
            "came in."
        )
    return table


def _read(as_of: float) -> Known:
    found = known(LEAD, COLUMNS, as_of)
    rows = found.at(as_of)
    there = (rows["created_at"] <= as_of).to_numpy()
    if not there.any():
        raise TrainingRefused("There are no leads in the records: bring them in first (docs/RECORDS.md).")
    return Known(found.rows[there].reset_index(drop=True), found.changes)


def _check(rows: pd.DataFrame, horizon_days: int, open_still: int) -> None:
    won = int(rows["won"].sum()) if len(rows) else 0
    for count, what in ((won, f"became customers within {horizon_days} days"), (len(rows) - won, "did not")):
        if count < FEWEST_RARER:
            more = f" The horizon of {open_still:,} more has not closed." if open_still else ""
            raise TrainingRefused(f"Lead score needs {FEWEST_RARER} leads that {what}; there are {count}.{more}")


__all__ = ["leads_now", "open_rows", "training_rows", "won_at"]
