"""The chain of the audit is neither changed, nor forked, nor left with a gap."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from platform_core.tenancy import company_in_force
from tests.users.chain import chain
from users import audit
from users.models import Company

CHANGES = [
    "UPDATE users_auditevent SET act = 'x'",
    "UPDATE users_auditevent SET act = act WHERE false",
    "DELETE FROM users_auditevent",
    "TRUNCATE users_auditevent",
]


@pytest.mark.parametrize("statement", CHANGES)
def test_the_database_refuses_to_change_what_happened(alice: Company, statement: str) -> None:
    audit.record("key.created", company_id=alice.pk)
    before = [event.hash for event in chain(alice)]
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic(), company_in_force(alice.pk):
        connection.cursor().execute(statement)
    assert [event.hash for event in chain(alice)] == before


def test_an_act_that_is_taken_back_leaves_no_event_and_no_gap(alice: Company) -> None:
    before = len(chain(alice))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record("key.created", company_id=alice.pk)
        raise ZeroDivisionError
    audit.record("key.revoked", company_id=alice.pk)
    assert [event.sequence for event in chain(alice)] == list(range(1, before + 2))


@pytest.mark.django_db(transaction=True)
def test_events_at_once_are_one_chain_without_a_gap(alice: Company, bob: Company) -> None:
    threads_of_each, events_of_each = 4, 10
    before = {company.pk: len(chain(company)) for company in (alice, bob)}

    def act(company: Company, take_back: bool) -> None:
        try:
            for _ in range(events_of_each):
                with transaction.atomic():
                    audit.record("key.created", company_id=company.pk)
                    transaction.set_rollback(take_back)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=act, args=(company, place == 0))
        for place in range(threads_of_each)
        for company in (alice, bob)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for company in (alice, bob):
        events = chain(company)
        kept = before[company.pk] + (threads_of_each - 1) * events_of_each
        assert [event.sequence for event in events] == list(range(1, kept + 1))
        assert [event.previous for event in events][1:] == [event.hash for event in events][:-1]
