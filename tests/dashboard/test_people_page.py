"""The page of a company's people: roles, removals, invitations."""

from __future__ import annotations

import pytest
from django.test import Client

from platform_core.tenancy import company_in_force
from tests.dashboard.test_company_pages import PEOPLE, problems, signed_in, text_of
from tests.stored import found
from tests.users.people import NEW, member, owner_of
from users.models import Company, Invitation, Membership, Role


def test_somebody_is_invited_and_the_invitation_withdrawn(browser: Client, alice: Company) -> None:
    answer = browser.post(PEOPLE, {"email": NEW, "role": "analyst"}, follow=True)
    assert f"Invited {NEW}" in text_of(answer)
    (row,) = found(Invitation)
    assert "Withdraw" in text_of(answer)
    answer = browser.post(f"/company/invitations/{row.pk}/", follow=True)
    assert NEW not in text_of(answer)
    assert browser.post(f"/company/invitations/{row.pk}/").status_code == 404


def test_a_wrong_invitation_is_told(browser: Client) -> None:
    assert "e-mail address" in problems(browser.post(PEOPLE, {"email": "x", "role": "viewer"}))
    assert "member already" in problems(browser.post(PEOPLE, {"email": "alice@example.com", "role": "viewer"}))
    assert "one of" in problems(browser.post(PEOPLE, {"email": NEW, "role": "king"}))


def test_an_admin_is_offered_no_owner(alice: Company) -> None:
    page = text_of(signed_in(member(alice, Role.ADMIN)).get(PEOPLE))
    assert 'value="owner"' not in page
    assert "Remove alice@example.com" not in page


def test_a_role_is_changed_and_a_member_removed(browser: Client, alice: Company) -> None:
    place = member(alice, Role.VIEWER)
    browser.post(f"{PEOPLE}{place.pk}/", {"role": "analyst"})
    with company_in_force(alice.pk):
        assert Membership.objects.get(pk=place.pk).role == Role.ANALYST
    browser.post(f"{PEOPLE}{place.pk}/", {"remove": "1", "role": "analyst"})
    assert place.user.email not in text_of(browser.get(PEOPLE))
    assert browser.post(f"{PEOPLE}{place.pk}/", {"remove": "1"}).status_code == 404


def test_the_last_owner_is_told_why_not(browser: Client, alice: Company) -> None:
    for body in ({"remove": "1"}, {"role": "viewer"}):
        answer = browser.post(f"{PEOPLE}{owner_of(alice).pk}/", body, follow=True)
        assert "needs an owner" in problems(answer)


@pytest.mark.parametrize("body", [{"role": "admin"}, {"remove": "1"}])
def test_who_may_not_change_members_is_refused(alice: Company, body: dict[str, str]) -> None:
    client, other = signed_in(member(alice, Role.ANALYST)), member(alice, Role.VIEWER)
    assert client.post(f"{PEOPLE}{other.pk}/", body).status_code == 403
