"""Versions say whose data they were trained with: by address, by id; and so does the receipt of an erasure."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest

from ml_services import artifacts, registry, services, trained_people
from ml_services.base import TrainingData, TrainingOptions
from ml_services.models import ModelVersion
from platform_core.tenancy import company_in_force
from tests.stored import found, made
from users import erasure
from users.models import Company, ErasureReceipt
from users.personal_data import Person, person
from users.privacy import digest

ANN = "ann@example.com"


def sought(company: Company, email: str = ANN, *identifiers: str) -> Person:
    with company_in_force(company.pk):
        known = person(company.pk, email)
    return Person(known.company_id, known.email, known.spellings, known.digests, None, frozenset(identifiers))


def test_addresses_are_found_alone_and_within_texts() -> None:
    table = pa.table(
        {
            "mail": ["Ann@example.com", None, "ann@example.com"],
            "note": ["call <bea@example.com>.", "cy@example.com, di@example.com", "no @ddress"],
            "n": [1, 2, 3],
        }
    )
    known = {trained_people.short(digest(7, f"{name}@example.com")) for name in ("ann", "bea", "cy", "di")}
    assert set(trained_people.digests_in(table, 7, ()).tolist()) == known


def test_ids_are_found_whatever_their_type() -> None:
    table = pa.table({"id": [1, 2, None], "code": pa.array(["a", "b", "a"]).dictionary_encode()})
    known = {trained_people.short(digest(7, text)) for text in ("1", "2", "a", "b")}
    assert set(trained_people.digests_in(table, 7, {"id", "code"}).tolist()) == known


def test_they_are_kept_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trained_people, "MOST", 10)
    table = pa.table({"mail": [f"p{number}@example.com" for number in range(100)]})
    card: dict[str, Any] = {}
    trained_people.learned_from(table, 7, card)
    assert card["people"] == {"known": 100, "complete": False}


def customers() -> TrainingData:
    """Customers with an address and an id each, Ann and C7 among them."""
    chance = random.Random(1)
    months = [chance.randint(1, 60) for _ in range(300)]
    table = pa.table(
        {
            "customer": [f"C{number}" for number in range(300)],
            "email": [ANN if number == 7 else f"p{number}@example.com" for number in range(300)],
            "months": [str(number) for number in months],
            "left": ["yes" if chance.random() < (0.8 if number < 20 else 0.1) else "no" for number in months],
        }
    )
    return TrainingData(table, "customers.csv", "0" * 64)


def train(company: Company) -> ModelVersion:
    return services.train_version(
        predictor=registry.predictor("churn"),
        company_id=company.pk,
        data=customers(),
        options=TrainingOptions(target="left", id_column="customer", budget_s=2.0),
    )[0]


def test_a_version_is_named_to_those_it_was_trained_with_and_to_no_others(alice: Company, bob: Company) -> None:
    row = train(alice)
    assert row.card["people"] == {"known": 600, "complete": True}
    for who, known in (
        (sought(alice), True),
        (sought(alice, "x@example.com", "C7"), True),
        (sought(alice, "x@example.com"), False),
    ):
        with company_in_force(alice.pk):
            assert [one["version"] for one in trained_people.trained_with(who)] == [row.version] * known, who
    with company_in_force(bob.pk):
        assert trained_people.trained_with(sought(bob)) == []
    receipt = erasure.erase(company_id=alice.pk, email="ANN@example.com")
    assert [(one["version"], one["certain"]) for one in receipt.model_versions] == [(row.version, True)]


def test_a_version_trained_later_on_her_data_is_added_to_her_receipt(alice: Company) -> None:
    erasure.erase(company_id=alice.pk, email=ANN)
    erasure.erase(company_id=alice.pk, email="nobody@example.com")
    row = train(alice)
    hers, others = found(ErasureReceipt, person=sought(alice).digest), found(ErasureReceipt, model_versions=[])
    assert [(one["version"], one["trained_after_erasure"]) for one in hers[0].model_versions] == [(row.version, True)]
    assert len(others) == 1


def test_a_version_of_before_is_named_as_uncertain(alice: Company) -> None:
    made(ModelVersion, company=alice, predictor="churn", version="old", evidence="standard")
    with company_in_force(alice.pk):
        assert [(one["version"], one["certain"]) for one in trained_people.trained_with(sought(alice))] == [
            ("old", False)
        ]


def test_what_lies_beside_the_model_names_nobody(alice: Company) -> None:
    row = train(alice)
    kept = artifacts.beside(artifacts.PEOPLE, company_id=alice.pk, predictor="churn", version=row.version)
    assert kept is not None
    assert len(kept) == 600 * 8
    assert ANN.encode() not in kept
