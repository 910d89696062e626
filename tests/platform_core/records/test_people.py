"""A person's records go out with their export, and away with their erasure."""

from __future__ import annotations

from platform_core.records import people
from platform_core.records.models import Customer, Lead, Payment, RecordChange
from platform_core.tenancy import company_in_force
from tests.platform_core.records.rows import customer, lead, on, payment
from tests.platform_core.records.test_services import taken
from tests.stored import found
from users.models import Company
from users.personal_data import person


def filled(company: Company) -> None:
    taken(company, "customers", customer(1, plan="Basic"), customer(1, at=3, plan="Premium"), customer(2))
    taken(company, "payments", payment("p1", 1, 1), payment("p2", 2, 1), payment("p3", 9, 1, email="C1@example.com"))
    taken(company, "leads", {**lead(1, 0), "email": "c1@example.com"}, lead(2, 0))


def test_all_that_is_theirs_is_exported_in_whatever_spelling_it_is_asked(alice: Company, bob: Company) -> None:
    filled(alice)
    filled(bob)
    with company_in_force(alice.pk):
        held = people.held(person(alice.pk, "C1@Example.com"))
    ids = {plural: [row["external_id"] for row in rows] for plural, rows in held.items()}
    assert ids == {"leads": ["l1"], "customers": ["c1"], "payments": ["p3", "p1"], "tickets": [], "orders": []}
    assert held["customers"][0]["plan"] == "Premium"


def test_erased_they_are_gone_with_what_was_known_before_and_others_stay(alice: Company, bob: Company) -> None:
    filled(alice)
    filled(bob)
    with company_in_force(alice.pk):
        who = person(alice.pk, "c1@example.com")
        first = people.erase(who)
        assert first == {"leads": 1, "customers": 1, "payments": 2, "tickets": 0, "orders": 0}
        assert set(people.erase(who).values()) == {0}
    assert [row.external_id for row in found(Customer, company=alice)] == ["c2"]
    assert [row.external_id for row in found(Payment, company=alice)] == ["p2"]
    assert [row.external_id for row in found(Lead, company=alice)] == ["l2"]
    assert found(RecordChange, company=alice) == []
    assert len(found(Customer, company=bob)) == 2


def test_an_id_that_another_has_too_names_nobody(alice: Company) -> None:
    filled(alice)
    taken(alice, "customers", {**customer(1, at=on(0).day), "email": "someone@example.com"}, source="shop")
    with company_in_force(alice.pk):
        assert person(alice.pk, "c1@example.com").identifiers >= {"l1"}
        assert "c1" not in person(alice.pk, "c1@example.com").identifiers
