"""The commands around records: a file brought in, outcomes found, and the demo's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from ml_services import datasets
from platform_core.errors import InputInvalid, NotFound
from platform_core.management.commands import seed_demo
from platform_core.records.models import Customer, Lead, Payment
from platform_core.samples.records import LAST, sample_records
from platform_core.tenancy import company_in_force, installation_wide
from tests.stored import found
from users.models import Company


def command(name: str, *arguments: Any) -> tuple[str, str]:
    out, told = StringIO(), StringIO()
    call_command(name, *map(str, arguments), stdout=out, stderr=told)
    return out.getvalue(), told.getvalue()


def test_a_file_is_brought_and_what_is_rejected_is_told(alice: Company, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(
        "external_id,email,started_at,plan,visits,note\n"
        "1,ann@example.com,2026-01-05,Pro,7,x\n2,bob@example.com,soon,Pro,8,\n3,,2026-01-06T10:00:00Z,,7.5,\n"
    )
    out, told = command("import_records", "customers", "--input", file, "--source", "crm", "--company", "alice")
    assert "customers: 2 created, 0 updated, 0 unchanged, 0 stale, 1 rejected." in out
    assert "Into extra: visits, note." in out
    assert "record 2, started_at" in told
    assert [(row.external_id, row.plan, row.extra) for row in found(Customer)] == [
        ("1", "Pro", {"visits": 7, "note": "x"}),
        ("3", "", {"visits": 7.5}),
    ]
    again, _ = command("import_records", "customer", "--input", file, "--source", "crm")
    assert "0 created, 0 updated, 2 unchanged" in again


def test_an_unknown_kind_and_a_missing_file_are_told(alice: Company, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="customers"):
        command("import_records", "offers", "--input", tmp_path / "a.csv")
    with pytest.raises(InputInvalid, match="no file"):
        command("import_records", "leads", "--input", tmp_path / "a.csv")


def test_outcomes_are_looked_for_by_a_command(alice: Company) -> None:
    assert "looked: 0, recorded: 0" in command("find_outcomes", "--company", "alice")[0]


def test_the_demo_has_records_that_every_predictor_can_learn_from(db: None) -> None:
    seed_demo.seed()
    brought = seed_demo.bring_records()
    assert brought == len(found(Customer)) + len(found(Lead)) + len(found(Payment)) + seed_demo_tickets()
    assert seed_demo.bring_records() == 0, "safe to repeat"
    with installation_wide():
        company = Company.objects.get(slug="demo")
    with company_in_force(company.pk):
        for name in datasets.HORIZONS:
            horizon = 90 if name != "clv" else 180
            frame = datasets.frame(name, as_of=LAST, horizon_days=horizon)
            assert frame.table.num_rows > 100, name


def seed_demo_tickets() -> int:
    from platform_core.records.models import Ticket

    return len(found(Ticket))


def test_the_demos_records_are_the_same_each_time_and_none_is_of_the_future() -> None:
    first, second = ([(kind, source, list(rows)) for kind, source, rows in sample_records()] for _ in range(2))
    assert first == second
    assert all(row["source_updated_at"] <= LAST for _, _, rows in first for row in rows)
    assert datetime.now(UTC) + timedelta(days=1) > LAST
