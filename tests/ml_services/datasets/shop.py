"""A small subscription business: everyone pays monthly until they leave; every third customer leaves after a while."""

from __future__ import annotations

from typing import Any

from ml_services import datasets
from ml_services.datasets import Dataset
from platform_core.records.services import upsert
from platform_core.tenancy import company_in_force
from tests.platform_core.records.rows import customer, lead, on, payment
from users.models import Company

TODAY = 400.0
PEOPLE = 36
SET_UP = [{"name": "Basic", "monthly_price": "10.00", "setup_fee": "5.00"}, {"name": "Pro", "monthly_price": "40"}]
HORIZON = 60


def taken(company: Company, kind: str, rows: list[dict[str, Any]], source: str = "crm") -> None:
    """Writes rows, of which none may be rejected."""
    with company_in_force(company.pk):
        assert upsert(kind, rows, source=source).rejected == []


def leaves(number: int) -> float | None:
    """The day on which a customer leaves, if they do."""
    return 150.0 + 6 * number if number % 3 == 0 else None


def filled(company: Company) -> None:
    """Its customers with their changes, payments and tickets."""
    people, paid, tickets = [], [], []
    for number in range(PEOPLE):
        end, started = leaves(number), float(number)
        people.append(customer(number, started=started, plan="Basic", country="DE", extra={"nps": number % 10}))
        if number % 2:
            people.append(customer(number, started=started, at=200, plan="Pro", country="DE", extra={"nps": 1}))
        if end is not None:
            last = {"plan": people[-1]["plan"], "extra": people[-1]["extra"], "country": "DE"}
            people.append(customer(number, started=started, at=max(end, 201), ended_at=on(end), **last))
        days = range(number, int(end or TODAY), 30)
        paid += [payment(f"p{number}-{day}", number, day, 1000 if number % 2 else 4000) for day in days]
        tickets.append(
            {
                "external_id": f"t{number}",
                "customer_ref": f"c{number}",
                "opened_at": on(140 + number),
                "source_updated_at": on(141 + number),
            }
        )
    taken(company, "customers", people)
    taken(company, "payments", paid)
    taken(company, "tickets", tickets)


def with_leads(company: Company) -> None:
    """Leads, of whom every third becomes a customer twenty days later; the last came in just now."""
    rows = []
    for number in range(60):
        day = 5.0 * number
        rows.append(lead(number, day, source_channel="Website", extra={"pages_viewed": number}))
        if number % 3 == 0:
            won = {"converted_at": on(day + 20), "status": "won", "extra": {"pages_viewed": 999}}
            rows.append(lead(number, day, source_channel="Website", **won) | {"source_updated_at": on(day + 20)})
    rows.append(lead(99, TODAY - 1))
    taken(company, "leads", rows)


def framed(company: Company, name: str, day: float = TODAY, horizon: int | None = HORIZON) -> Dataset:
    with company_in_force(company.pk):
        return datasets.frame(name, as_of=on(day), horizon_days=horizon)


def rows_of(dataset: Dataset) -> dict[tuple[str, str], dict[str, Any]]:
    """By id and day of the cut-off."""
    rows = dataset.table.to_pylist()
    return {(row[dataset.id_column], row[dataset.time_column][:10]): row for row in rows}
