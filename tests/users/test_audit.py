"""What happened stays: one chain a company, that the database lets nobody change."""

from __future__ import annotations

import contextlib
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.transaction import TransactionManagementError

from platform_core import logs
from platform_core.tenancy import company_in_force
from tests.users.chain import chain
from users import asking, audit, people
from users.models import AuditEvent, Company, Membership, Role, User


def test_an_event_says_who_did_what_from_where(alice: Company) -> None:
    who = asking.now_asking.set(asking.Asker("key", 7, "key 7", alice.pk))
    where = asking.asked_from.set("192.0.2.9")
    request = logs.request_id.set("abc")
    try:
        audit.record("key.created", subject="key:8", detail={"scopes": ["predict"]}, company_id=alice.pk)
    finally:
        asking.now_asking.reset(who)
        asking.asked_from.reset(where)
        logs.request_id.reset(request)
    event = chain(alice)[-1]
    assert (event.act, event.asker, event.subject) == ("key.created", "key:7", "key:8")
    assert (event.address, event.request_id, event.detail) == ("192.0.2.9", "abc", {"scopes": ["predict"]})


def test_each_company_has_its_own_chain(alice: Company, bob: Company) -> None:
    first = {company.pk: len(chain(company)) for company in (alice, bob)}
    for company in (alice, bob, alice):
        audit.record("key.created", company_id=company.pk)
    for company, more in ((alice, 2), (bob, 1)):
        events = chain(company)
        assert len(events) == first[company.pk] + more
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert [event.previous for event in events] == [audit.FIRST_PREVIOUS, *(one.hash for one in events[:-1])]
        assert all(audit.digest(event) == event.hash for event in events)


def test_the_company_in_force_is_whose_event_it_is(alice: Company, bob: Company) -> None:
    with company_in_force(bob.pk):
        audit.record("key.created", subject="key:9")
    assert chain(bob)[-1].subject == "key:9"


def test_what_belongs_to_no_company_is_the_installations(alice: Company) -> None:
    before = len(chain(alice))
    audit.record("person.sign_in_failed", subject="nobody")
    assert chain(None)[-1].subject == "nobody"
    assert len(chain(alice)) == before


def test_the_database_alone_shows_each_company_its_own_chain(alice: Company, bob: Company) -> None:
    audit.record("key.created", subject="of:alice", company_id=alice.pk)
    audit.record("person.sign_in_failed", subject="of:nobody")
    with company_in_force(bob.pk), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT company_id FROM users_auditevent")
        assert {row[0] for row in cursor.fetchall()} <= {bob.pk}
    event = chain(alice)[-1]
    event.pk, event.sequence = None, event.sequence + 1
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic(), company_in_force(bob.pk):
        event.save(force_insert=True)


def test_an_event_that_cannot_be_written_takes_its_transaction_along(
    alice: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(event: AuditEvent) -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr(audit, "_append", fails)
    with pytest.raises(TransactionManagementError), transaction.atomic():
        with contextlib.suppress(OperationalError):
            audit.record("key.created", company_id=alice.pk)
        Company.objects.filter(pk=alice.pk).exists()


ODD: list[Any] = [
    0.1, 1e300, float("nan"), float("inf"), 2**70, "\0", "\ud800", "é", {"b": 1, "a": {"z": None}}, (1, 2), True,
    timedelta(1), {3: 4}, ["x"], "\u2028", "x" * 5_000,
]  # fmt: skip


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:20])
def test_any_detail_comes_back_as_it_was_hashed(alice: Company, value: Any) -> None:
    audit.record("key.created", subject=str(value), detail={"value": value}, company_id=alice.pk)
    event = chain(alice)[-1]
    assert audit.digest(event) == event.hash


def test_a_detail_without_end_is_left_out(alice: Company) -> None:
    event = audit.record("key.created", detail={"value": "x" * 100_000}, company_id=alice.pk)
    assert set(event.detail) == {"left_out"}


@pytest.mark.parametrize("act", ["", "Key Created", "key.", "x;--", "key.created\n"])
def test_what_is_no_act_is_refused(alice: Company, act: str) -> None:
    with pytest.raises(ValueError, match="no name of an act"):
        audit.record(act, company_id=alice.pk)


@pytest.mark.django_db(transaction=True)
def test_what_is_recorded_apart_outlives_nothing_that_could_take_it_back(alice: Company) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        audit.record_apart("person.sign_in_failed", company_id=alice.pk)
    audit.record_apart("person.sign_in_failed", company_id=alice.pk)
    assert chain(alice)[-1].act == "person.sign_in_failed"


def test_a_company_that_goes_leaves_its_chain(alice: Company) -> None:
    audit.record("key.created", company_id=alice.pk)
    kept, number = len(chain(alice)), alice.pk
    with company_in_force(number):
        alice.delete()
    alice.pk = number
    assert len(chain(alice)) == kept


def test_what_concerns_a_person_is_told_to_each_of_their_companies(alice: Company, bob: Company) -> None:
    person = User.objects.get(email="alice@example.com")
    with company_in_force(bob.pk):
        Membership.objects.create(company=bob, user=person, role=Role.VIEWER)
    people.record_for(person, audit.Event.PASSWORD_CHANGED)
    mark = f"person:{person.pk}"
    for company in (alice, bob):
        event = chain(company)[-1]
        assert (event.act, event.asker, event.subject) == ("password.changed", mark, mark)


def test_what_anybody_can_ask_for_is_not_said_to_be_the_persons_own(alice: Company) -> None:
    people.record_for(User.objects.get(email="alice@example.com"), audit.Event.PASSWORD_RESET_ASKED)
    assert (chain(alice)[-1].asker, chain(alice)[-1].act) == ("", "password.reset_asked")


def test_every_act_that_the_code_records_has_a_name_on_the_list() -> None:
    root = Path(audit.__file__).parent.parent
    rooms = ("users", "file_uploads", "ml_services", "request_logs", "api_gateway", "dashboard", "platform_core")
    texts = [path.read_text(encoding="utf-8") for room in rooms for path in (root / room).rglob("*.py")]
    named = {name for text in texts for name in re.findall(r"audit\.record\w*\(\s*(?:\w+, )?\"([^\"]+)\"", text)}
    assert named <= set(audit.Event)
