"""People of a company, and clients that speak for them with a token."""

from __future__ import annotations

from typing import Any

from django.test import Client
from rest_framework_simplejwt.tokens import AccessToken

from platform_core.tenancy import company_in_force
from users import invitations
from users.models import Company, Invitation, Membership, Role, User

NEW = "new@example.com"
PASSWORD = "a-Long-pass-1"


def member(company: Company, role: str, email: str = "") -> Membership:
    """A person, new unless the address is known, as a member of a company."""
    address = email or f"{role}@{company.slug}.example"
    person = User.objects.filter(email=address).first() or User.objects.create_user(address, PASSWORD)
    with company_in_force(company.pk):
        return Membership.objects.create(company=company, user=person, role=role)


def owner_of(company: Company) -> Membership:
    """The company's first owner."""
    with company_in_force(company.pk):
        found: Membership = Membership.objects.filter(role=Role.OWNER).select_related("user").earliest("pk")
    return found


def invited(company: Company, role: str = "analyst", email: str = NEW) -> Invitation:
    """An open invitation by the company's owner."""
    with company_in_force(company.pk):
        return invitations.invite(given={"email": email, "role": role}, by=acting(owner_of(company)))


def acting(membership: Membership) -> User:
    """The person as the authentication gives them: with the role."""
    person = membership.user
    person.role = membership.role
    return person


class PersonClient(Client):
    """Speaks for a member of a company by a token of that company."""

    def __init__(self, membership: Membership) -> None:
        token = AccessToken.for_user(membership.user)
        token["company"] = membership.company_id
        super().__init__(headers={"Authorization": f"Bearer {token}"})

    def post_json(self, path: str, body: Any) -> Any:
        return self.post(path, body, content_type="application/json")

    def patch_json(self, path: str, body: Any) -> Any:
        return self.patch(path, body, content_type="application/json")
