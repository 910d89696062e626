"""Members: who may change whom, and that a company never ends up without an owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from platform_core.errors import Conflict, NotAllowed, NotFound, RecordInvalid
from platform_core.tenancy import company_in_force
from tests.users.people import acting, member, owner_of
from tests.users.threads import at_once
from users import invitations, members
from users.models import Company, Invitation, Membership, Role


@pytest.fixture(autouse=True)
def _for_alice(alice: Company) -> Any:
    with company_in_force(alice.pk):
        yield


def roles() -> dict[str, str]:
    return {one.user.email: one.role for one in members.members()}


def test_an_owner_gives_any_role(alice: Company) -> None:
    found = member(alice, Role.VIEWER)
    for role in (Role.ANALYST, Role.ADMIN, Role.OWNER, Role.VIEWER):
        members.change_role(member_id=found.pk, given={"role": role}, by=acting(owner_of(alice)))
        assert roles()["viewer@alice.example"] == role


@pytest.mark.parametrize("given", [{}, {"role": "king"}, {"role": None}, {"role": "viewer", "x": 1}, [], "viewer"])
def test_a_wrong_change_is_refused(alice: Company, given: Any) -> None:
    with pytest.raises(RecordInvalid):
        members.change_role(member_id=owner_of(alice).pk, given=given, by=acting(owner_of(alice)))


def test_an_admin_neither_makes_nor_unmakes_owners(alice: Company) -> None:
    admin, viewer = member(alice, Role.ADMIN), member(alice, Role.VIEWER)
    member(alice, Role.OWNER, "second@alice.example")
    for change in (
        lambda: members.change_role(member_id=viewer.pk, given={"role": "owner"}, by=acting(admin)),
        lambda: members.change_role(member_id=admin.pk, given={"role": "owner"}, by=acting(admin)),
        lambda: members.change_role(member_id=owner_of(alice).pk, given={"role": "viewer"}, by=acting(admin)),
        lambda: members.remove(member_id=owner_of(alice).pk, by=acting(admin)),
    ):
        with pytest.raises(NotAllowed):
            change()


def test_the_last_owner_stays(alice: Company) -> None:
    owner = owner_of(alice)
    with pytest.raises(Conflict):
        members.remove(member_id=owner.pk, by=acting(owner))
    with pytest.raises(Conflict):
        members.change_role(member_id=owner.pk, given={"role": "admin"}, by=acting(owner))
    assert members.change_role(member_id=owner.pk, given={"role": "owner"}, by=acting(owner)).role == Role.OWNER


def test_with_a_second_owner_the_first_may_leave(alice: Company) -> None:
    member(alice, Role.OWNER, "second@alice.example")
    members.remove(member_id=owner_of(alice).pk, by=acting(owner_of(alice)))
    assert roles() == {"second@alice.example": Role.OWNER}


@pytest.mark.parametrize("role", [Role.ADMIN, Role.ANALYST, Role.VIEWER])
def test_everybody_may_leave_but_only_some_may_remove(alice: Company, role: Role) -> None:
    own, other = member(alice, role), member(alice, Role.VIEWER, "other@alice.example")
    if role == Role.ADMIN:
        members.remove(member_id=other.pk, by=acting(own))
    else:
        with pytest.raises(NotAllowed):
            members.remove(member_id=other.pk, by=acting(own))
    members.remove(member_id=own.pk, by=acting(own))
    assert own.user.email not in roles()


def test_a_member_of_another_company_is_not_there(alice: Company, bob: Company) -> None:
    bobs = owner_of(bob)
    with pytest.raises(NotFound):
        members.change_role(member_id=bobs.pk, given={"role": "viewer"}, by=acting(owner_of(alice)))
    with pytest.raises(NotFound):
        members.remove(member_id=bobs.pk, by=acting(owner_of(alice)))
    with company_in_force(bob.pk):
        assert Membership.objects.get().role == Role.OWNER


@pytest.mark.parametrize("end", ["removed", "demoted"])
def test_the_invitations_of_somebody_who_may_not_invite_any_more_end(alice: Company, end: str) -> None:
    admin, owner = member(alice, Role.ADMIN), owner_of(alice)
    invitations.invite(given={"email": "friend@example.com", "role": "admin"}, by=acting(admin))
    invitations.invite(given={"email": "other@example.com", "role": "viewer"}, by=acting(owner))
    if end == "removed":
        members.remove(member_id=admin.pk, by=acting(owner))
    else:
        members.change_role(member_id=admin.pk, given={"role": "analyst"}, by=acting(owner))
    assert [one.email for one in invitations.open_invitations()] == ["other@example.com"]


def test_a_demoted_owners_invitation_of_an_owner_ends(alice: Company) -> None:
    first, second = owner_of(alice), member(alice, Role.OWNER, "second@alice.example")
    for email, role in (("a@example.com", "owner"), ("b@example.com", "viewer")):
        invitations.invite(given={"email": email, "role": role}, by=acting(second))
    members.change_role(member_id=second.pk, given={"role": "admin"}, by=acting(first))
    assert [one.email for one in invitations.open_invitations()] == ["b@example.com"]
    assert Invitation.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["leave", "demote each other", "demote and remove"])
def test_two_owners_at_once_do_not_leave_the_company_without_one(
    transactional_db: None, alice: Company, how: str
) -> None:
    first, second = owner_of(alice), member(alice, Role.OWNER, "second@alice.example")

    def demote(target: Membership, by: Membership) -> Callable[[], Any]:
        return lambda: members.change_role(member_id=target.pk, given={"role": "viewer"}, by=acting(by))

    def remove(target: Membership, by: Membership) -> Callable[[], Any]:
        return lambda: members.remove(member_id=target.pk, by=acting(by))

    acts = {
        "leave": (remove(first, first), remove(second, second)),
        "demote each other": (demote(first, second), demote(second, first)),
        "demote and remove": (demote(first, second), remove(second, first)),
    }[how]
    found = at_once(*acts, company_id=alice.pk)
    assert sorted(found) == ["", "Conflict"]
    assert list(roles().values()).count(Role.OWNER) == 1
