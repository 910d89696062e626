"""The demo company's records, out of the sample files: the forms and charges as they are, customers and leads with
times that fit what their rows say."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from platform_core.samples.files import FOLDER, SEED
from platform_core.samples.subscriptions import FIRST

Rows = Iterator[dict[str, Any]]
LAST = FIRST + timedelta(days=400)
"""The day on which all of it was looked at: days since then are counted back."""
MONTH = timedelta(days=30.44)
SHOP, CRM, FORMS, PAY = "shop", "crm", "formspree", "stripe"
MOST_CUSTOMERS, MOST_LEADS = 500, 500
"""Of the sample rows: enough to train on, in a second or two."""
DECISION_DAYS = 45


def sample_records(folder: Path = FOLDER, seed: int = SEED) -> Iterator[tuple[str, str, Rows]]:
    """(kind, source, rows), customers before what is theirs."""
    forms = json.loads((folder / "form_submissions.json").read_text("utf-8"))["submissions"]
    charges = json.loads((folder / "transactions.json").read_text("utf-8"))["data"]
    yield "leads", FORMS, _forms(forms)
    yield "payments", PAY, _charges(charges)
    yield "leads", CRM, _leads(_rows(folder / "sample_leads.csv")[:MOST_LEADS], seed)
    people = _rows(folder / "customers.csv")[:MOST_CUSTOMERS]
    lives = [_life(row, np.random.default_rng([seed, 9, number])) for number, row in enumerate(people)]
    yield "customers", SHOP, (row for life in lives for row in life["customer"])
    yield "payments", SHOP, (row for life in lives for row in life["payments"])
    yield "tickets", SHOP, (row for life in lives for row in life["tickets"])


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _forms(forms: list[dict[str, Any]]) -> Rows:
    for number, form in enumerate(forms, start=1):
        when = datetime.fromisoformat(form["_date"])
        said = {name: form[name] for name in ("business_type", "business_size") if form.get(name)}
        yield {
            "external_id": f"form-{number}",
            "source_updated_at": when,
            "created_at": when,
            "email": form["email"],
            "name": form["name"],
            "company_name": form["company"],
            "source_channel": "Website",
            "extra": said,
        }


def _charges(charges: list[dict[str, Any]]) -> Rows:
    for charge in charges:
        when = datetime.fromtimestamp(charge["created"], UTC)
        yield {
            "external_id": charge["id"],
            "customer_ref": charge["customer"],
            "source_updated_at": when,
            "paid_at": when,
            "email": charge["billing_details"]["email"],
            "amount_minor": charge["amount"],
            "currency": charge["currency"],
            "status": charge["status"],
            "refunded": charge["refunded"],
        }


def _leads(rows: list[dict[str, str]], seed: int) -> Rows:
    rng = np.random.default_rng([seed, 8])
    for row in rows:
        came = FIRST + timedelta(days=float(rng.uniform(0, 330)))
        extra = {name: _number(row[name]) for name in ("pages_viewed", "time_on_site_s", "email_opens") if row[name]}
        lead = {
            "external_id": row["lead_id"],
            "source_updated_at": came,
            "created_at": came,
            "source_channel": row["source"],
            "industry": row["industry"],
            "company_size": row["company_size"],
            "role": row["role_level"],
            "country": row["country"],
            "status": "open",
            "email": f"{row['lead_id'].lower()}@example.com",
            "extra": {**extra, "requested_demo": row["requested_demo"] == "yes"},
        }
        yield lead
        if row["converted"] == "yes":
            won = came + timedelta(days=float(rng.uniform(2, DECISION_DAYS)))
            yield {**lead, "source_updated_at": won, "converted_at": won, "status": "won"}


def _life(row: dict[str, str], rng: np.random.Generator) -> dict[str, list[dict[str, Any]]]:
    """One customer's months: purchases at their usual pace until they leave, in the last year or not at all."""
    mark, tenure = row["customer_id"], int(row["tenure_months"])
    started = LAST - tenure * MONTH
    left = LAST - timedelta(days=float(rng.uniform(1, min(360.0, 25.0 * tenure)))) if row["churned"] == "yes" else None
    first = {
        "external_id": mark,
        "source_updated_at": started,
        "started_at": started,
        "email": f"{mark.lower()}@example.com",
        "plan": row["plan"],
        "contract": row["contract"],
        "country": row["country"],
        "marketing_opt_in": row["marketing_opt_in"] == "yes",
    }
    versions = [first] if left is None else [first, {**first, "source_updated_at": left, "ended_at": left}]
    until = left or LAST
    # Who is about to leave buys ever less.
    pace = max(int(row["frequency"]), 1) * (0.5 if left else 1.0) * max((until - started).days, 1) / 365
    days = np.sort(rng.uniform(0, (until - started).total_seconds(), int(rng.poisson(min(pace, 60)))))
    amount = float(row["avg_order_value"] or 25)
    payments = [
        {
            "external_id": f"{mark}-{number}",
            "customer_ref": mark,
            "status": "succeeded",
            "currency": "USD",
            "amount_minor": round(100 * amount * float(rng.lognormal(0, 0.2))),
            "paid_at": (at := started + timedelta(seconds=float(second))),
            "source_updated_at": at,
        }
        for number, second in enumerate(days)
    ]
    tickets = []
    for number in range(int(row["support_tickets_90d"])):
        opened = max(until - timedelta(days=float(rng.uniform(0, 90))), started)
        tickets.append(
            {"external_id": f"{mark}-t{number}", "customer_ref": mark, "opened_at": opened, "source_updated_at": opened}
        )
    return {"customer": versions, "payments": payments, "tickets": tickets}


def _number(text: str) -> float | str:
    return float(text) if text.replace(".", "", 1).isdecimal() else text


__all__ = ["sample_records"]
