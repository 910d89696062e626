"""Accepting: a link works once, for a week, for whom it was meant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.signing import TimestampSigner
from django.test import RequestFactory
from django.utils import timezone

from platform_core.errors import Conflict, RecordInvalid
from platform_core.tenancy import company_in_force
from tests.users.people import NEW, PASSWORD, invited, member, owner_of
from tests.users.threads import at_once
from users import invitations, joining
from users.invitations import SALT, InvitationRefused, token_of
from users.models import Company, Invitation, Membership, Role, User


@pytest.fixture(autouse=True)
def _for_alice(alice: Company) -> Any:
    with company_in_force(alice.pk):
        yield


REFUSALS = ("Conflict", "InvitationRefused", "RecordInvalid", "WrongPassword")


def accept(token: str, signed_in: User | None = None, **more: Any) -> Membership:
    request = RequestFactory().post("/")
    return joining.accept(given={"token": token, **more}, request=request, signed_in=signed_in)


def test_a_new_person_chooses_a_password_and_is_a_member(alice: Company) -> None:
    joined = accept(token_of(invited(alice)), password=PASSWORD, full_name="New Person")
    assert (joined.user.email, joined.user.full_name, joined.role) == (NEW, "New Person", Role.ANALYST)
    assert joined.company == alice
    assert User.objects.get(email=NEW).check_password(PASSWORD)


@pytest.mark.parametrize(
    "more", [{}, {"password": ""}, {"password": "short"}, {"password": 5}, {"password": "a\0b" * 9},
             {"password": "new@example.com"}, {"password": "x" * 129}, {"full_name": "a\nb", "password": PASSWORD}]
)  # fmt: skip
def test_a_new_person_needs_a_good_password(alice: Company, more: dict[str, Any]) -> None:
    row = invited(alice)
    with pytest.raises(RecordInvalid):
        accept(token_of(row), **more)
    assert not User.objects.filter(email=NEW).exists()
    assert accept(token_of(row), password=PASSWORD)


def test_somebody_known_gives_their_password_or_is_signed_in(alice: Company, bob: Company) -> None:
    bobs = owner_of(bob).user
    row = invited(alice, email="BOB@example.com")
    with pytest.raises(RecordInvalid, match="sign in"):
        accept(token_of(row))
    with pytest.raises(RecordInvalid, match="sign in"):
        accept(token_of(row), signed_in=owner_of(alice).user)
    with pytest.raises(joining.WrongPassword):
        accept(token_of(row), password="not-Bobs-pass-3")
    assert accept(token_of(row), password="b-Long-pass-2").user == bobs
    assert bobs.check_password("b-Long-pass-2")
    with company_in_force(bob.pk):
        assert Membership.objects.get().role == Role.OWNER


def test_signed_in_as_the_invited_is_enough(alice: Company, bob: Company) -> None:
    bobs = owner_of(bob).user
    assert accept(token_of(invited(alice, email=bobs.email)), signed_in=bobs).company == alice


def test_a_closed_account_does_not_join(alice: Company, bob: Company) -> None:
    row = invited(alice, email="bob@example.com")
    User.objects.filter(email="bob@example.com").update(is_active=False)
    with pytest.raises(joining.WrongPassword):
        accept(token_of(row), password="b-Long-pass-2")


def test_a_link_works_once(alice: Company) -> None:
    token = token_of(invited(alice))
    accept(token, password=PASSWORD)
    with pytest.raises(InvitationRefused):
        accept(token, password=PASSWORD)
    with pytest.raises(InvitationRefused):
        accept(token, signed_in=User.objects.get(email=NEW))


@pytest.mark.parametrize("end", ["withdrawn", "expired", "signed long ago", "invited again", "gone"])
def test_a_link_that_is_over_is_refused(alice: Company, end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = invited(alice)
    token = token_of(row)
    if end == "withdrawn":
        invitations.withdraw(invitation_id=row.pk)
    elif end == "expired":
        Invitation.objects.update(expires_at=timezone.now())
    elif end == "signed long ago":
        monkeypatch.setattr(invitations, "LIFE", timedelta(seconds=-1))
    elif end == "invited again":
        assert invited(alice).pk != row.pk
    else:
        row.delete()
    with pytest.raises(InvitationRefused):
        accept(token, password=PASSWORD)
    assert not User.objects.filter(email=NEW).exists()


def test_a_tampered_or_foreign_token_is_refused(alice: Company, bob: Company) -> None:
    row, bobs = invited(alice), invited(bob)
    good, signer = token_of(row), TimestampSigner(salt=SALT)
    forged = [
        "x",
        "a:b:c",
        good[:-1],
        good.replace(str(row.nonce), str(bobs.nonce)),
        TimestampSigner(salt="another").sign(f"{row.company_id}.{row.pk}.{row.nonce}"),
        TimestampSigner(key="another", salt=SALT).sign(f"{row.company_id}.{row.pk}.{row.nonce}"),
        signer.sign(f"{row.company_id}.{row.pk}.{'n' * 43}"),
        signer.sign(f"{bob.pk}.{row.pk}.{row.nonce}"),
        "\0" * 5 + "x",
    ]
    for token in forged:
        with pytest.raises((InvitationRefused, RecordInvalid)):
            accept(token, password=PASSWORD)
    assert accept(good, password=PASSWORD)


@pytest.mark.parametrize("given", [{}, {"token": None}, {"token": 5}, {"token": ""}, {"token": "x" * 501}, [], "x"])
def test_a_malformed_acceptance_is_refused(given: Any) -> None:
    with pytest.raises((RecordInvalid, InvitationRefused)):
        joining.accept(given=given, request=RequestFactory().post("/"))


def test_who_became_a_member_meanwhile_is_told_so(alice: Company) -> None:
    row = invited(alice)
    member(alice, Role.VIEWER, NEW)
    with pytest.raises(Conflict, match="member"):
        accept(token_of(row), password=PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_a_link_used_twice_at_once_works_once(transactional_db: None, alice: Company) -> None:
    token = token_of(invited(alice))
    found = at_once(
        *[lambda: accept(token, password=PASSWORD)] * 3,
        company_id=alice.pk,
    )
    assert sorted(found) in [["", refused, other] for refused in REFUSALS for other in REFUSALS]
    assert User.objects.filter(email=NEW).count() == 1
    assert Membership.objects.filter(user__email=NEW).count() == 1
