"""The people of a company: their roles, and how they go.

Whoever changes memberships holds the company's row, so that two owners who demote each other at once do not leave it
without one.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from platform_core.errors import Conflict, NotAllowed, NotFound
from platform_core.tenancy import current_company
from users import audit
from users.input_fields import choice, read
from users.keys import KeyHolder
from users.models import Company, Invitation, Membership, Role, User
from users.permissions import may
from users.roles import Act, role_may

LAST_OWNER = "A company needs an owner: make somebody else one first."
OWNERS_ONLY = "Only an owner makes or unmakes owners."


def members() -> QuerySet[Membership]:
    """The members of the company in force with their people, the earliest first."""
    return Membership.objects.filter(company_id=current_company()).select_related("user").order_by("pk")


def is_own(asker: object, member_id: int) -> bool:
    """Whether a membership of the company in force is the asker's own."""
    return isinstance(asker, User) and members().filter(pk=member_id, user_id=asker.pk).exists()


def hold_company() -> Company:
    """Makes others who change the memberships of the company in force wait until this transaction ends."""
    # Not FOR UPDATE: that would also stop whatever is written with a key to the company.
    return Company.objects.select_for_update(no_key=True).get(pk=current_company())


def change_role(*, member_id: int, given: Any, by: User | KeyHolder) -> Membership:
    """Gives a member another role: {role}."""
    role = read(given, {"role": choice(*Role.values)}, required=("role",))["role"]
    with transaction.atomic():
        member = _held(member_id)
        if member.role == role:
            return member
        if Role.OWNER in {member.role, role} and not may(by, Act.MANAGE_OWNERS):
            raise NotAllowed(OWNERS_ONLY)
        if member.role == Role.OWNER:
            _check_another_owner(member)
        before, member.role = member.role, role
        member.save(update_fields=["role"])
        _withdraw_beyond(member.user_id, role)
        audit.record(audit.Event.ROLE_CHANGED, subject=f"person:{member.user_id}", detail={"from": before, "to": role})
    return member


def remove(*, member_id: int, by: User | KeyHolder) -> None:
    """Ends a membership: one's own, or, where `by` may, another's."""
    with transaction.atomic():
        member = _held(member_id)
        own = isinstance(by, User) and member.user_id == by.pk
        if not may(by, Act.LEAVE if own else Act.MANAGE_MEMBERS):
            raise NotAllowed("You may not remove members.")
        if member.role == Role.OWNER:
            if not own and not may(by, Act.MANAGE_OWNERS):
                raise NotAllowed(OWNERS_ONLY)
            _check_another_owner(member)
        _withdraw_beyond(member.user_id, None)
        member.delete()
        audit.record(
            audit.Event.MEMBER_REMOVED, subject=f"person:{member.user_id}", detail={"role": member.role, "left": own}
        )


def _held(member_id: int) -> Membership:
    hold_company()
    member = members().filter(pk=member_id).first()
    if member is None:
        raise NotFound("There is no such member.")
    return member


def _check_another_owner(member: Membership) -> None:
    if not members().filter(role=Role.OWNER).exclude(pk=member.pk).exists():
        raise Conflict(LAST_OWNER)


def _withdraw_beyond(person_id: int, role: str | None) -> None:
    """Withdraws the open invitations of somebody who could not send them any more."""
    open_ones = Invitation.objects.filter(invited_by_id=person_id, accepted_at=None, withdrawn_at=None)
    if role_may(role, Act.INVITE):
        open_ones = open_ones.none() if role_may(role, Act.MANAGE_OWNERS) else open_ones.filter(role=Role.OWNER)
    open_ones.update(withdrawn_at=timezone.now())


__all__ = ["change_role", "hold_company", "is_own", "members", "remove"]
