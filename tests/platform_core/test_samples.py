"""The sample files: same seed, same bytes; realistic shapes; forms and payments join."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ml_services.customer_fields import CUSTOMER_FIELDS
from ml_services.predictors.lead_score import LeadScore
from ml_services.predictors.plan_tier import PlanTier
from platform_core.samples.files import FOLDER, sample_files, write_sample_files
from platform_core.samples.plan_choices import plan_choices_table
from platform_core.samples.subscriptions import PRICES

LARGEST_BYTES = 1_000_000


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return sample_files()


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def numbers_of(rows: list[dict[str, str]], column: str) -> np.ndarray:
    return np.array([float(row[column].strip("$ ").replace(",", "")) for row in rows if row[column].strip()])


def test_the_committed_files_are_what_the_generator_writes(files: dict[str, str]) -> None:
    assert {name: (FOLDER / name).read_text(encoding="utf-8") for name in files} == files


def test_the_files_stay_small(files: dict[str, str]) -> None:
    assert sum(len(text.encode()) for text in files.values()) < LARGEST_BYTES


def test_another_seed_gives_other_files(files: dict[str, str]) -> None:
    others = sample_files(seed=7)
    assert [name for name in files if files[name] == others[name]] == []


def test_the_number_of_rows_is_followed(tmp_path: Path) -> None:
    write_sample_files(tmp_path, rows=200, seed=1)
    assert len(rows_of((tmp_path / "customers.csv").read_text())) == 200
    assert len(rows_of((tmp_path / "reviews.csv").read_text())) == 150


def test_the_columns_are_the_declared_inputs(files: dict[str, str]) -> None:
    leads, customers = rows_of(files["sample_leads.csv"])[0], rows_of(files["customers.csv"])[0]
    assert list(leads) == ["lead_id", *(field.name for field in LeadScore.inputs), "converted"]
    assert list(customers) == ["customer_id", *(f.name for f in CUSTOMER_FIELDS), "churned", "value_next_365d"]


def test_the_choices_are_the_declared_ones(files: dict[str, str]) -> None:
    for name, fields in (("sample_leads.csv", LeadScore.inputs), ("customers.csv", CUSTOMER_FIELDS)):
        rows = rows_of(files[name])
        for field in fields:
            if field.choices:
                assert {row[field.name].strip() for row in rows} <= {*field.choices, "", "N/A"}, field.name


def test_only_nullable_inputs_are_left_blank(files: dict[str, str]) -> None:
    for name, fields in (("sample_leads.csv", LeadScore.inputs), ("customers.csv", CUSTOMER_FIELDS)):
        blank = {column for row in rows_of(files[name]) for column, value in row.items() if not value.strip()}
        assert blank - {"converted", "churned"} <= {field.name for field in fields if field.nullable}


def test_spending_has_a_heavy_tail_and_many_zeros(files: dict[str, str]) -> None:
    value = np.sort(numbers_of(rows_of(files["customers.csv"]), "value_next_365d"))[::-1]
    assert 0.15 < (value == 0).mean() < 0.4
    assert value[: len(value) // 5].sum() / value.sum() > 0.6


def test_a_few_cells_are_dirty(files: dict[str, str]) -> None:
    leads = rows_of(files["sample_leads.csv"])
    assert 0 < sum(row["budget"].startswith("$") for row in leads) < 40
    assert 0 < sum(row["industry"] != row["industry"].strip() for row in leads) < 60
    assert 0 < sum(row["converted"] == "" for row in leads) < 20


def test_churn_follows_from_the_inputs(files: dict[str, str]) -> None:
    rows = [row for row in rows_of(files["customers.csv"]) if row["churned"]]
    rates = {
        contract: np.mean([row["churned"] == "yes" for row in rows if row["contract"] == contract])
        for contract in ("Month-to-month", "Two year")
    }
    assert rates["Month-to-month"] > rates["Two year"] + 0.15


def test_sales_have_a_week_and_a_december(files: dict[str, str]) -> None:
    from datetime import date

    rows = [(date.fromisoformat(row["date"]), float(row["value"])) for row in rows_of(files["sales_data.csv"])]
    saturday, sunday = (np.mean([v for d, v in rows if d.weekday() == day]) for day in (5, 6))
    december, june = (np.mean([v for d, v in rows if d.month == month]) for month in (12, 6))
    assert saturday > 1.4 * sunday
    assert december > 1.3 * june


def test_reviews_hold_all_three_labels_and_no_text_twice(files: dict[str, str]) -> None:
    rows = rows_of(files["reviews.csv"])
    counts = Counter(row["label"].lower() for row in rows)
    assert min(counts[label] for label in ("positive", "neutral", "negative")) > 200
    assert len({row["text"].strip() for row in rows}) == len(rows)


def test_nobody_real_can_be_reached(files: dict[str, str]) -> None:
    forms = json.loads(files["form_submissions.json"])["submissions"]
    assert all(form["email"].strip().lower().endswith("@example.com") for form in forms)


def test_forms_and_payments_join_to_plan_choices(files: dict[str, str]) -> None:
    table = plan_choices_table(json.loads(files["form_submissions.json"]), json.loads(files["transactions.json"]))
    assert table.column_names == ["business_type", "business_size", "package"]
    assert table.num_rows > 250
    assert set(table["package"].to_pylist()) == set(PRICES)
    for field in PlanTier.inputs:
        assert set(table[field.name].to_pylist()) <= set(field.choices)


def form(email: str, size: str = "Small", when: str = "2026-01-01T00:00:00+00:00") -> dict[str, str]:
    return {"_date": when, "email": email, "business_type": "Dental", "business_size": size}


def charge(email: str, amount: int, **changes: object) -> dict[str, object]:
    paid = {"amount": amount, "billing_details": {"email": email}, "created": 1, "paid": True, "refunded": False}
    return {**paid, **changes}


def packages(forms: list[dict[str, str]], charges: list[dict[str, object]]) -> list[str]:
    return plan_choices_table({"submissions": forms}, {"data": charges})["package"].to_pylist()


def test_addresses_are_compared_without_case_and_spaces() -> None:
    assert packages([form(" Bo@Example.com")], [charge("bo@example.COM ", 25000)]) == ["Elite"]


def test_the_set_up_fee_alone_tells_no_package() -> None:
    assert packages([form("bo@example.com")], [charge("bo@example.com", 39900)]) == []
    assert packages([form("bo@example.com")], [charge("bo@example.com", 39900 + 50000)]) == ["Now"]


def test_failed_and_refunded_payments_tell_nothing() -> None:
    charges = [charge("bo@example.com", 15000, paid=False), charge("bo@example.com", 35000, refunded=True)]
    assert packages([form("bo@example.com")], charges) == []


def test_of_two_forms_the_newest_counts() -> None:
    forms = [form("bo@example.com", "Large", "2026-03-01T00:00:00+00:00"), form("bo@example.com", "Solo")]
    table = plan_choices_table({"submissions": forms}, {"data": [charge("bo@example.com", 15000)]})
    assert table["business_size"].to_pylist() == ["Large"]


def test_odd_charges_are_passed_over() -> None:
    odd = [{}, {"amount": None, "billing_details": None}, charge("", 15000), charge("bo@example.com", 1)]
    assert packages([form("bo@example.com")], odd) == []
