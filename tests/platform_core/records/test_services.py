"""The one writer: counts, the newer version, history, links, what is rejected."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection

from platform_core.errors import InputInvalid, NotFound
from platform_core.records.models import Customer, Lead, Payment, RecordChange
from platform_core.records.services import Counts, upsert
from platform_core.tenancy import company_in_force
from tests.platform_core.records.rows import customer, lead, on, payment
from tests.stored import found
from users.models import Company


def taken(company: Company, kind: str, *rows: Any, source: str = "crm") -> Counts:
    with company_in_force(company.pk):
        return upsert(kind, rows, source=source)


def counted(counts: Counts) -> tuple[int, int, int, int, int]:
    return counts.created, counts.updated, counts.unchanged, counts.stale, len(counts.rejected)


def test_each_row_is_counted_once_as_what_became_of_it(alice: Company) -> None:
    assert counted(taken(alice, "customers", customer(1), customer(2, plan="Basic"))) == (2, 0, 0, 0, 0)
    again = taken(
        alice,
        "customers",
        customer(1),
        customer(2, at=5, plan="Premium"),
        customer(3),
        {"external_id": "c4"},
    )
    assert counted(again) == (1, 1, 1, 0, 1)
    assert [row.plan for row in found(Customer)] == ["", "Premium", ""]


def test_of_two_versions_the_newer_counts_in_whatever_order_they_come(alice: Company) -> None:
    taken(alice, "customers", customer(1, at=9, plan="Premium"))
    assert counted(taken(alice, "customers", customer(1, at=3, plan="Basic"))) == (0, 0, 0, 1, 0)
    assert found(Customer)[0].plan == "Premium"
    assert counted(taken(alice, "customers", customer(1, at=9, plan="Standard"))) == (0, 1, 0, 0, 0)
    assert found(Customer)[0].plan == "Standard"


def test_the_same_with_a_later_stamp_is_unchanged_and_shuts_out_what_is_older_than_it(alice: Company) -> None:
    taken(alice, "customers", customer(1, at=1, plan="Basic"))
    assert counted(taken(alice, "customers", customer(1, at=8, plan="Basic"))) == (0, 0, 1, 0, 0)
    assert counted(taken(alice, "customers", customer(1, at=5, plan="Premium"))) == (0, 0, 0, 1, 0)
    assert found(RecordChange) == []


def test_what_a_record_said_before_is_kept_with_the_time_until_which(alice: Company) -> None:
    versions = [customer(1, at=day, plan=plan) for day, plan in ((20, "Premium"), (0, "Basic"), (10, "Standard"))]
    assert counted(taken(alice, "customers", *versions)) == (1, 2, 0, 0, 0)
    assert [(row.until, row.was) for row in found(RecordChange)] == [
        (on(10), {"plan": "Basic"}),
        (on(20), {"plan": "Standard"}),
    ]
    assert found(Customer)[0].known_since == on(0)


def test_a_payment_that_comes_before_its_customer_is_linked_once_it_is_there(alice: Company) -> None:
    taken(alice, "payments", payment("p1", 1, 3), payment("p2", 2, 3))
    assert [row.customer_id for row in found(Payment)] == [None, None]
    taken(alice, "customers", customer(1), source="another")
    assert [row.customer_id for row in found(Payment)] == [None, None]
    taken(alice, "customers", customer(1))
    first = found(Customer, source="crm")[0]
    assert [row.customer_id for row in found(Payment)] == [first.pk, None]
    taken(alice, "payments", payment("p1", 2, 3, source_updated_at=on(4)))
    assert found(Payment)[0].customer_id is None


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"amount_minor": 10.5}, "amount_minor", "whole number"),
        ({"amount_minor": True}, "amount_minor", "whole number"),
        ({"amount_minor": 10**16}, "amount_minor", "whole number"),
        ({"amount_minor": None}, "amount_minor", "required"),
        ({"currency": "USX"}, "currency", "ISO 4217"),
        ({"status": "lost"}, "status", "one of"),
        ({"paid_at": "yesterday"}, "paid_at", "ISO 8601"),
        ({"paid_at": 1700000000}, "paid_at", "ISO 8601"),
        ({"paid_at": "0001-01-01T00:00:00+23:59"}, "paid_at", "1900"),
        ({"source_updated_at": "2199-01-01"}, "source_updated_at", "future"),
        ({"email": "no address"}, "email", "e-mail"),
        ({"email": ["a@b.example"]}, "email", "text"),
        ({"external_id": "  "}, "external_id", "required"),
        ({"external_id": "x" * 201}, "external_id", "at most 200"),
        ({"customer_ref": "a\0b"}, "customer_ref", "text"),
        ({"extra": [1]}, "extra", "object"),
        ({"extra": {"a": "x" * 20_000}}, "extra", "bytes"),
        ({"extra": {"a": "\0"}}, "extra", "NUL"),
        ({"refunded": "perhaps"}, "refunded", "true or false"),
        ({"planned": 1}, "planned", "no such field"),
    ],
)
def test_a_bad_row_is_told_and_the_good_ones_are_taken(
    alice: Company, change: dict[str, Any], field: str, reason: str
) -> None:
    counts = taken(alice, "payments", payment("p1", 1, 1), {**payment("p2", 1, 2), **change}, payment("p3", 1, 3))
    assert counted(counts) == (2, 0, 0, 0, 1)
    told = counts.rejected[0]
    assert (told.place, told.field) == (1, field)
    assert reason in told.reason


def test_what_is_no_object_is_rejected(alice: Company) -> None:
    assert counted(taken(alice, "leads", None, 7, [lead(1, 1)])) == (0, 0, 0, 0, 3)


def test_a_person_has_one_spelling_and_texts_of_a_file_are_read(alice: Company) -> None:
    row = {**lead(1, 1), "email": " ANN@Bücher.example ", "extra": '{"pages": 3}', "created_at": "2025-01-02"}
    assert taken(alice, "leads", row).created == 1
    kept = found(Lead)[0]
    assert (kept.email, kept.extra, kept.created_at) == ("ann@xn--bcher-kva.example", {"pages": 3}, on(1))


def test_two_companies_with_one_source_and_id_have_a_record_each(alice: Company, bob: Company) -> None:
    taken(alice, "customers", customer(1, plan="Basic"))
    assert taken(bob, "customers", customer(1, plan="Premium")).created == 1
    taken(bob, "payments", payment("p1", 1, 1))
    assert found(Payment)[0].customer_id == found(Customer, company=bob)[0].pk
    assert found(Customer, company=alice)[0].plan == "Basic"


def test_the_database_refuses_a_payment_of_another_companys_customer(alice: Company, bob: Company) -> None:
    taken(alice, "customers", customer(1))
    taken(bob, "payments", payment("p1", 9, 1))
    foreign = found(Customer)[0].pk
    with company_in_force(bob.pk), pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("UPDATE records_payment SET customer_id = %s", [foreign])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_an_unknown_kind_and_a_bad_source_are_refused(alice: Company) -> None:
    with pytest.raises(NotFound, match="customers"):
        taken(alice, "offers", {})
    for source in ("", " ", "x" * 41, None, "a\0"):
        with pytest.raises(InputInvalid, match="source"):
            taken(alice, "leads", lead(1, 1), source=source)  # type: ignore[arg-type]
