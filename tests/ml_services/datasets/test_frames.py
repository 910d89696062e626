"""Frames as of a date: right labels, features of the cut-off, and what is missing."""

from __future__ import annotations

import pytest

from ml_services import datasets
from ml_services.customer_fields import CUSTOMER_FIELDS
from platform_core.errors import InputInvalid, TrainingRefused
from platform_core.tenancy import company_in_force
from tests.ml_services.datasets.shop import HORIZON, PEOPLE, TODAY, filled, framed, leaves, rows_of, taken
from tests.platform_core.records.rows import customer, lead, on, payment
from users.models import Company


def test_who_left_within_the_horizon_is_yes_once_and_gone_afterwards(shop: Company) -> None:
    found = rows_of(framed(shop, "churn"))
    cuts = sorted({day for _, day in found})
    assert len(cuts) == 6
    assert cuts[-1] == f"{on(TODAY - HORIZON):%Y-%m-%d}"
    for number in range(PEOPLE):
        end = leaves(number)
        said = {day: row["churned"] for (mark, day), row in found.items() if mark == f"c{number}"}
        assert list(said.values()).count("yes") == (1 if end is not None and end <= TODAY else 0)
        if end is not None:
            assert all(day < f"{on(end):%Y-%m-%d}" for day in said)
    whole = framed(shop, "churn")
    assert (whole.target, whole.positive, whole.id_column) == ("churned", "yes", "customer_id")
    assert whole.facts["horizon_days"] == HORIZON


def test_features_are_those_of_the_cut_off(shop: Company) -> None:
    row = rows_of(framed(shop, "churn"))["c1", f"{on(160):%Y-%m-%d}"]
    days = [day for day in range(1, 400, 30) if day <= 160]
    assert row["frequency"] == len(days)
    assert row["monetary"] == 10.0 * len(days)
    assert row["recency_days"] == 160 - days[-1]
    assert row["tenure_months"] == pytest.approx(159 / 30.4375, abs=0.01)
    assert row["support_tickets_90d"] == 1
    assert (row["plan"], row["nps"], row["country"]) == ("Basic", 1.0, "DE")  # Pro came on day 200
    assert rows_of(framed(shop, "churn"))["c1", f"{on(220):%Y-%m-%d}"]["plan"] == "Pro"


def test_every_declared_field_of_a_customer_is_there_first_and_in_order(shop: Company) -> None:
    names = [field.name for field in CUSTOMER_FIELDS]
    assert framed(shop, "churn").table.column_names[2 : 2 + len(names)] == names


def test_value_is_what_was_paid_in_the_horizon(shop: Company) -> None:
    found = framed(shop, "clv")
    row = rows_of(found)["c1", f"{on(280):%Y-%m-%d}"]
    paid = [day for day in range(1, 400, 30) if 280 < day <= 340]
    assert row[found.target] == 10.0 * len(paid)
    assert found.target == "value_next_60d"
    assert found.settings == {"horizon_days": 60, "route": "fields"}


def test_money_given_back_and_other_currencies_do_not_count(shop: Company) -> None:
    before = rows_of(framed(shop, "clv"))["c1", f"{on(280):%Y-%m-%d}"]["value_next_60d"]
    more = [
        payment("x1", 1, 300, 5000, refunded=True, refunded_at=on(301)),
        payment("x2", 1, 300, 5000, refunded_minor=2000, refunded_at=on(301)),
        payment("x3", 1, 300, 5000, currency="EUR"),
        payment("x4", 1, 300, 5000, status="failed"),
    ]
    taken(shop, "payments", more)
    assert rows_of(framed(shop, "clv"))["c1", f"{on(280):%Y-%m-%d}"]["value_next_60d"] == before + 30.0
    assert "1 payments or orders in other currencies" in " ".join(framed(shop, "clv").notes)


def test_leads_are_as_they_were_a_day_after_they_came_and_open_ones_are_left_out(shop: Company) -> None:
    found = framed(shop, "lead-score")
    rows = {row["lead_id"]: row for row in found.table.to_pylist()}
    assert len(rows) == 60
    assert rows["l3"]["converted"] == "yes"
    assert rows["l3"]["pages_viewed"] == 3.0  # 999 came with the sale
    assert rows["l4"]["converted"] == "no"
    assert rows["l3"]["source"] == "Website"
    assert "1 leads are left out" in found.notes[0]
    early = framed(shop, "lead-score", day=300 + HORIZON - 60, horizon=HORIZON)
    assert early.table.num_rows == 49  # came in by day 240


def test_a_lead_is_won_too_where_a_customer_or_a_payment_of_that_address_follows(shop: Company) -> None:
    taken(shop, "customers", [{**customer(901, started=10), "email": "L1@example.com"}])
    taken(shop, "payments", [{**payment("w", 902, 15), "email": "l2@example.com"}], source="stripe")
    rows = {row["lead_id"]: row["converted"] for row in framed(shop, "lead-score").table.to_pylist()}
    assert (rows["l1"], rows["l2"], rows["l4"]) == ("yes", "yes", "no")


def test_packages_are_those_paid_most_by_the_same_address(shop: Company) -> None:
    rows = [
        payment(f"k{number}-{month}", 0, 5 * number + 30 * month, 4000 if number % 2 else 1000)
        | {"email": f"l{number}@example.com", "customer_ref": ""}
        for number in range(20)
        for month in range(2)
    ]
    taken(shop, "leads", [lead(0, 0, extra={"business_type": "Legal"}, company_size="Solo")], source="form")
    taken(shop, "payments", rows, source="stripe")
    found = {row["lead_id"]: row for row in framed(shop, "plan-tier").table.to_pylist()}
    assert len(found) == 20
    assert (found["l0"]["package"], found["l1"]["package"]) == ("Basic", "Pro")
    assert (found["l0"]["business_type"], found["l0"]["business_size"]) == ("Legal", "Solo")


def test_values_not_known_at_the_time_of_nearly_all_are_taken_of_nobody(alice: Company) -> None:
    filled(alice)
    rows = [customer(number, started=number, at=TODAY - 1, plan="Pro") for number in range(300, 310)]
    taken(alice, "customers", rows)
    found = framed(alice, "churn")
    assert found.table.column("plan").null_count < found.table.num_rows  # day 280: they had not come
    last = [row for (_, day), row in rows_of(found).items() if day == f"{on(340):%Y-%m-%d}"]
    assert {row["plan"] for row in last} == {None}
    assert "who changed since would be told by it" in " ".join(found.notes)


def test_without_any_end_recorded_silence_is_leaving(alice: Company) -> None:
    taken(alice, "customers", [customer(number) for number in range(30)])
    days = {number: 100 if number < 12 else 400 for number in range(30)}
    rows = [payment(f"p{number}-{day}", number, day) for number in days for day in range(0, days[number], 20)]
    taken(alice, "payments", rows)
    found = framed(alice, "churn")
    said = {
        row["customer_id"]: row["churned"] for row in found.table.to_pylist() if row["cut_off"][:10] == "2025-04-11"
    }
    assert {said[f"c{number}"] for number in range(12)} == {"yes"}
    assert "No ended_at is recorded" in " ".join(found.notes)


def test_orders_count_for_those_who_have_no_payments(alice: Company) -> None:
    filled(alice)
    placed = {"placed_at": on(330), "source_updated_at": on(330), "amount_minor": 2500, "currency": "USD"}
    taken(alice, "customers", [customer(77, started=300)])
    taken(
        alice,
        "orders",
        [{"external_id": "o1", "customer_ref": "c77", **placed}, {"external_id": "o2", "customer_ref": "c1", **placed}],
    )
    found = rows_of(framed(alice, "churn"))
    assert found["c77", f"{on(340):%Y-%m-%d}"]["monetary"] == 25.0
    assert found["c1", f"{on(340):%Y-%m-%d}"]["monetary"] == 10.0 * len([d for d in range(1, 400, 30) if d <= 340])


def test_one_person_at_two_sources_is_one_row(alice: Company) -> None:
    filled(alice)
    before = framed(alice, "churn").table.num_rows
    taken(
        alice, "customers", [{**customer(1, started=1, at=2), "external_id": "zz", "email": "C1@EXAMPLE.com"}], "shop"
    )
    assert framed(alice, "churn").table.num_rows == before


def test_what_is_missing_is_said(alice: Company) -> None:
    for name in datasets.HORIZONS:
        with pytest.raises(TrainingRefused, match=r"no customers|no leads|price list"):
            framed(alice, name)
    taken(alice, "customers", [customer(number, ended_at=on(395) if number < 3 else None) for number in range(30)])
    with pytest.raises(TrainingRefused, match=r"needs 10 customers that left .with ended_at.; there are 3"):
        framed(alice, "churn")
    with pytest.raises(TrainingRefused, match="needs 10 customers that bought within a horizon; there are 0"):
        framed(alice, "clv")
    taken(alice, "leads", [lead(1, 10)])
    with pytest.raises(TrainingRefused, match="needs 10 leads that became customers within 60 days; there are 0"):
        framed(alice, "lead-score")
    with pytest.raises(TrainingRefused, match="horizon of none has closed"):
        framed(alice, "churn", day=30)
    with pytest.raises(InputInvalid, match="does not learn from records"):
        framed(alice, "segment")
    with pytest.raises(InputInvalid, match="horizon_days"):
        framed(alice, "churn", horizon=0)


def test_rows_to_score_are_those_still_there_with_the_same_columns(shop: Company) -> None:
    with company_in_force(shop.pk):
        found = {name: datasets.scoring_rows(name, as_of=on(TODAY)) for name in ("churn", "clv", "lead-score")}
    for name, table in found.items():
        whole = framed(shop, name)
        assert table.column_names == [one for one in whole.table.column_names if one != whole.target]
    gone = {f"c{number}" for number in range(PEOPLE) if (leaves(number) or 999) <= TODAY}
    assert set(found["churn"].column("customer_id").to_pylist()) == {f"c{n}" for n in range(PEOPLE)} - gone
    assert "l3" not in found["lead-score"].column("lead_id").to_pylist()
    assert "l99" in found["lead-score"].column("lead_id").to_pylist()


def test_bobs_records_are_not_in_alices_frames(alice: Company, bob: Company) -> None:
    filled(bob)
    with pytest.raises(TrainingRefused, match="no customers"):
        framed(alice, "churn")
