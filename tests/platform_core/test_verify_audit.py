"""`verify_audit`: names the first link that does not hold, whatever was done to the rows, in one company or all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from platform_core.errors import InputInvalid, NotFound, PlatformError
from platform_core.tenancy import company_in_force
from users import audit, chains
from users.models import Company

EVENTS = 5


def verify(*arguments: str) -> tuple[bool, str]:
    """Whether all chains hold, and what was printed."""
    out = StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out)
    except PlatformError as problem:
        if "do not hold" not in problem.detail:
            raise
        return False, out.getvalue()
    return True, out.getvalue()


@contextmanager
def unguarded(company: Company) -> Iterator[None]:
    """What somebody can do who owns the database."""
    with company_in_force(company.pk), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE users_auditevent DISABLE TRIGGER users_auditevent_for_good")
        yield
        cursor.execute("ALTER TABLE users_auditevent ENABLE ALWAYS TRIGGER users_auditevent_for_good")


def tamper(company: Company, statement: str, place: int) -> None:
    with unguarded(company), connection.cursor() as cursor:
        cursor.execute(statement, {"company": company.pk, "place": place})


@pytest.fixture
def acted(alice: Company, bob: Company) -> int:
    """Some events in each chain; the place of the first of Alice's five."""
    for company in (alice, bob):
        for number in range(EVENTS):
            audit.record("key.created", subject=f"key:{number}", company_id=company.pk)
    audit.record("person.sign_in_failed")
    return first_of(alice)


def first_of(company: Company) -> int:
    return chains.verify(company.pk, company.slug, {}).events - EVENTS + 1


def test_chains_that_hold_print_their_heads(alice: Company, acted: int) -> None:
    holds, printed = verify()
    assert holds
    heads = [chains.parse_head(line) for line in printed.splitlines()]
    assert [name for name, *_ in heads] == ["@", "alice", "bob"]
    assert verify("--company", "alice")[1].startswith("alice:")


THERE = " WHERE company_id = %(company)s AND sequence = %(place)s"
CHANGES = {
    "content": "UPDATE users_auditevent SET detail = '[]'",
    "time": "UPDATE users_auditevent SET at = at - interval '1 day'",
    "asker": "UPDATE users_auditevent SET asker = 'key:1'",
    "address": "UPDATE users_auditevent SET address = '192.0.2.1'",
    "request": "UPDATE users_auditevent SET request_id = 'x'",
    "subject": "UPDATE users_auditevent SET subject = 'x'",
    "hash": "UPDATE users_auditevent SET hash = repeat('a', 64)",
    "missing": "DELETE FROM users_auditevent",
}
MOVE = "UPDATE users_auditevent SET sequence = 1000"


@pytest.mark.parametrize("change", CHANGES)
def test_the_first_link_that_does_not_hold_is_named(alice: Company, acted: int, change: str) -> None:
    place = acted + 2
    tamper(alice, CHANGES[change] + THERE, place)
    holds, printed = verify()
    assert not holds
    assert f"alice: BROKEN at event {place}: " in printed
    assert "bob: BROKEN" not in printed
    assert verify("--company", "bob")[0]


def test_an_event_moved_to_the_end_is_missed_where_it_was(bob: Company, acted: int) -> None:
    tamper(bob, MOVE + THERE, first_of(bob))
    holds, printed = verify()
    assert not holds
    assert "bob: BROKEN" in printed
    assert "missing" in printed


def test_a_chain_written_anew_is_found_by_its_kept_head(alice: Company, acted: int) -> None:
    head = verify("--company", "alice")[1].strip()
    assert verify("--expect", head)[0]
    holds, printed = verify("--expect", f"{head.rpartition(':')[0]}:{'0' * 64}")
    assert not holds
    assert "written anew" in printed


def test_a_chain_cut_off_at_its_end_is_found_by_its_kept_head(alice: Company, acted: int) -> None:
    head = verify("--company", "alice")[1].strip()
    tamper(alice, "DELETE FROM users_auditevent WHERE company_id = %(company)s AND sequence > %(place)s", acted)
    assert verify()[0], "nothing within shows the loss"
    holds, printed = verify("--expect", head)
    assert not holds
    assert f"alice: BROKEN at event {acted + 1}: the chain ends before it" in printed


def test_the_chain_of_a_company_that_is_gone_is_checked_under_its_number(alice: Company, acted: int) -> None:
    number = alice.pk
    with company_in_force(number):
        alice.delete()
    holds, printed = verify()
    assert holds
    assert f"@{number}:" in printed


def test_it_walks_page_by_page(alice: Company, acted: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "PAGE", 2)
    assert verify()[0]


@pytest.mark.parametrize("given", ["alice", "alice:x:y", "alice:1:abc", ":1:" + "0" * 64, "alice:1:" + "g" * 64])
def test_a_head_that_is_none_is_refused(db: None, given: str) -> None:
    with pytest.raises(InputInvalid, match="COMPANY:SEQUENCE:HASH"):
        verify("--expect", given)


def test_a_company_that_is_not_there_is_refused(db: None) -> None:
    with pytest.raises(NotFound, match="nobody"):
        call_command("verify_audit", "--company", "nobody")
