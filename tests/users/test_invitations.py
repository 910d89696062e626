"""Invitations: who may send which, to whom, and how they end."""

from __future__ import annotations

from typing import Any

import pytest

from platform_core.errors import Conflict, NotAllowed, NotFound, RecordInvalid, Throttled
from platform_core.tenancy import company_in_force
from tests.users.people import NEW, PASSWORD, acting, invited, member
from tests.users.test_joining import accept
from tests.users.threads import at_once
from users import invitations
from users.invitations import token_of
from users.models import Company, Role


@pytest.fixture(autouse=True)
def _for_alice(alice: Company) -> Any:
    with company_in_force(alice.pk):
        yield


@pytest.mark.parametrize(
    "email", ["", "x", "a@", "a b@example.com", "a@example.com\nBcc: b@example.com", "a\0@example.com", 5, None,
              "a" * 250 + "@example.com", "<a@example.com>", "a@example.com, b@example.com"]
)  # fmt: skip
def test_a_wrong_address_is_refused(alice: Company, email: Any) -> None:
    with pytest.raises(RecordInvalid):
        invited(alice, email=email)


@pytest.mark.parametrize("spelling", ["alice@example.com", "ALICE@Example.com", "  alice@example.com "])
def test_a_member_is_not_invited_again(alice: Company, spelling: str) -> None:
    with pytest.raises(Conflict):
        invited(alice, email=spelling)


def test_only_owners_invite_owners(alice: Company) -> None:
    with pytest.raises(NotAllowed):
        invitations.invite(given={"email": NEW, "role": "owner"}, by=acting(member(alice, Role.ADMIN)))
    assert accept(token_of(invited(alice, "owner")), password=PASSWORD).role == Role.OWNER


def test_another_companys_invitation_is_not_there(alice: Company, bob: Company) -> None:
    bobs = invited(bob)
    with pytest.raises(NotFound):
        invitations.withdraw(invitation_id=bobs.pk)
    assert list(invitations.open_invitations()) == []
    assert accept(token_of(bobs), password=PASSWORD).company == bob


def test_an_invitation_that_is_over_cannot_be_withdrawn(alice: Company) -> None:
    row = invited(alice)
    invitations.withdraw(invitation_id=row.pk)
    with pytest.raises(NotFound):
        invitations.withdraw(invitation_id=row.pk)


def test_a_company_does_not_mail_the_world(alice: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MOST_OPEN", 2)
    for name in "ab":
        invited(alice, email=f"{name}@example.com")
    with pytest.raises(Conflict):
        invited(alice, email="c@example.com")
    invited(alice, email="a@example.com")


def test_the_letter_holds_the_link_and_names_no_header(alice: Company, mailoutbox: list[Any]) -> None:
    Company.objects.update(name="Alice's\r\nBcc: x@example.com")
    row = invited(alice)
    (letter,) = mailoutbox
    assert (letter.to, letter.bcc) == ([NEW], [])
    assert letter.subject == "Join Alice's Bcc: x@example.com"
    assert "Bcc" not in letter.message().keys()  # noqa: SIM118 - a message is no dict
    assert f"/invitations/accept/?token={token_of(row).split(':')[0]}" in letter.body
    assert "Alice&#x27;s" in letter.alternatives[0][0]


@pytest.mark.django_db(transaction=True)
def test_one_address_invited_twice_at_once_has_one_open_invitation(transactional_db: None, alice: Company) -> None:
    found = at_once(*[lambda: invited(alice)] * 3, company_id=alice.pk)
    assert found == ["", "", ""]
    assert [one.email for one in invitations.open_invitations()] == [NEW]


def test_one_mailbox_is_not_flooded(alice: Company, bob: Company, mailoutbox: list[Any]) -> None:
    for _ in range(5):
        invitations.withdraw(invitation_id=invited(alice).pk)
    with pytest.raises(Throttled) as told:
        invited(alice)
    assert 0 < told.value.retry_after_s <= 86_400
    assert len(mailoutbox) == 5
    assert invited(bob)
    assert invited(alice, email="another@example.com")


def test_a_company_sends_so_many_letters_a_day(alice: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(invitations.MOST_A_DAY, "company", 2)
    for name in "ab":
        invited(alice, email=f"{name}@example.com")
    with pytest.raises(Throttled):
        invited(alice, email="c@example.com")
