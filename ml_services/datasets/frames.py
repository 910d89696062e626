"""The frame of each predictor, put into its canonical form."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from ml_services.customer_fields import CUSTOMER_FIELDS
from ml_services.datasets import SOURCE, Dataset, customers, leads, plan_choices
from ml_services.datasets.customer_features import order, snapshot
from ml_services.datasets.extras import settled
from platform_core.tenancy import current_company
from users.models import Company

CUT = "cut_off"
"""The time column: when each row's features were known."""
ASIDE = ("code", "cut", "left", "paid", "won", "email")


def build(name: str, as_of: datetime, horizon_days: int) -> Dataset:
    """See `datasets.frame`."""
    company, at, notes = Company.objects.get(pk=current_company()), _seconds(as_of), list[str]()
    if name in ("churn", "clv"):
        base = customers.base(at, company.currency)
        rows = customers.training_rows(base, horizon_days, notes)
        if name == "churn":
            customers.check_leavers(rows, base.ending)
            target, values = "churned", _yes_no(rows["left"])
        else:
            customers.check_buyers(rows)
            target, values = f"value_next_{horizon_days}d", rows["paid"]
        marks = "customer_id"
    elif name == "lead-score":
        rows = leads.training_rows(at, horizon_days, notes)
        target, values, marks = "converted", _yes_no(rows["won"]), "lead_id"
    else:
        rows = plan_choices.training_rows(at, company.packages, company.currency)
        target, values, marks = "package", rows["package"], "lead_id"
    table = _table(rows.assign(**{target: values}), marks, target)
    settings: dict[str, Any] = {"horizon_days": horizon_days}
    if name == "clv":
        settings |= {"route": "fields"}
    facts = {"source": SOURCE, "as_of": as_of.astimezone(UTC).isoformat(), "horizon_days": horizon_days}
    return Dataset(
        table, target, marks, CUT, "yes" if name in ("churn", "lead-score") else "", tuple(notes), digest(table),
        f"records as of {as_of.astimezone(UTC):%Y-%m-%d}", settings, facts,
    )  # fmt: skip


def to_score(name: str, as_of: datetime) -> pa.Table:
    """See `datasets.scoring_rows`."""
    company, at = Company.objects.get(pk=current_company()), _seconds(as_of)
    if name in ("churn", "clv"):
        base = customers.base(at, company.currency)
        found = base.active(snapshot(base.people, base.money, at))
        return _table(found.assign(cut=at), "customer_id", "")
    if name == "lead-score":
        return _table(leads.open_rows(at).assign(cut=at), "lead_id", "")
    rows = plan_choices.open_rows(at, company.packages, company.currency)
    return _table(rows, "lead_id", "")


def digest(table: pa.Table) -> str:
    """Of the rows as text, in their order: the same on every machine."""
    buffer = io.BytesIO()
    pa_csv.write_csv(table, buffer)
    return hashlib.sha256(buffer.getbuffer()).hexdigest()


def _table(rows: pd.DataFrame, marks: str, target: str) -> pa.Table:
    """Id, cut-off, features as declared and the others by name, target; oldest cut-off first, then by id."""
    rows = rows.sort_values(["cut", marks], kind="stable").reset_index(drop=True)
    names = [name for name in rows.columns if name not in (*ASIDE, marks, target)]
    if marks == "customer_id":
        names += [one.name for one in CUSTOMER_FIELDS if one.name not in names]
    moments = pd.to_datetime(rows["cut"], unit="s", utc=True).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    found: dict[str, pa.Array] = {marks: _array(rows[marks]), CUT: _array(moments)}
    for name in order(names):
        found[name] = _array(rows[name]) if name in rows else pa.nulls(len(rows), pa.string())
    if target:
        found[target] = _array(rows[target])
    return pa.table(found)


def _array(column: pd.Series) -> pa.Array:
    kept = settled(column) if column.dtype == object else column
    if pd.api.types.is_numeric_dtype(kept):
        return pa.array(kept.to_numpy("float64"), pa.float64(), from_pandas=True)
    return pa.array(kept, pa.string(), from_pandas=True)


def _yes_no(flags: pd.Series) -> pd.Series:
    return flags.map({True: "yes", False: "no"})


def _seconds(as_of: datetime) -> float:
    return (as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC)).timestamp()


__all__ = ["build", "digest", "to_score"]
