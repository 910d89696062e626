"""Writes of this room."""

from __future__ import annotations

from django.db import transaction

from platform_core.errors import InputInvalid, NotFound
from platform_core.tenancy import company_in_force, installation_wide
from users.emails import canonical
from users.models import Company, Membership, Role, User

DEMO_SLUG = "demo"


@transaction.atomic
def create_company(*, name: str, slug: str, owner_email: str, password: str) -> tuple[Company, User]:
    """A company and the person who owns it."""
    with installation_wide():  # a company that does not exist yet cannot be in force
        company = Company.objects.create(name=name, slug=slug)
    user = User.objects.filter(email=canonical(owner_email)).first()
    user = user or User.objects.create_user(owner_email, password)
    with company_in_force(company.pk):
        Membership.objects.create(company=company, user=user, role=Role.OWNER)
    return company, user


def company_of(slug: str) -> Company:
    """The company a command works for: the one named, else the only one, else the demo company."""
    with installation_wide():
        return _company_of(slug)


def _company_of(slug: str) -> Company:
    if slug:
        found = Company.objects.filter(slug=slug).first()
        if found is None:
            known = ", ".join(Company.objects.order_by("slug").values_list("slug", flat=True)[:20]) or "none yet"
            raise NotFound(f"There is no company {slug!r}. Companies here: {known}.")
        return found
    companies = list(Company.objects.order_by("pk")[:2])
    if len(companies) == 1:
        return companies[0]
    demo = Company.objects.filter(slug=DEMO_SLUG).first()
    if demo is None:
        raise InputInvalid("Say for which company: --company SLUG. (`seed_demo` makes a demo company.)")
    return demo


__all__ = ["DEMO_SLUG", "company_of", "create_company"]
