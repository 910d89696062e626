"""A new person with a company of their own, in one transaction."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from platform_core.errors import Conflict, PlatformError
from platform_core.tenancy import installation_wide
from users import attempts, audit, mail, passwords
from users.emails import canonical
from users.models import Company, Membership, Role, User
from users.people import record_in
from users.services import DEMO_SLUG

MOST_FROM_ONE_SITE, WITHIN = 100, timedelta(hours=1)
LONGEST_STEM = 50
"""Of a slug's 60 characters; the rest is for its number."""
RESERVED = frozenset({DEMO_SLUG, "admin", "api", "shared"})
"""Slugs that mean something else: `seed_demo` would take a company called demo for its own."""
MOST_TRIES = 5


class RegistrationClosed(PlatformError):
    """This installation takes no new companies (REGISTRATION_OPEN)."""

    code = "registration_closed"
    status = 403
    default = "Nobody can register here. Ask for an invitation."


class AddressTaken(Conflict):
    """There is an account of this address."""

    default = "There is an account with this e-mail address. Sign in, or ask for a new password."

    def __init__(self) -> None:
        super().__init__(attr="email")


def register(
    *, site: str, email: str, password: str, company_name: str, full_name: str = "", **company: str
) -> Membership:
    """A person and their company, of which they are the owner. `company`: more of its settings (currency,
    time_zone). Raises RegistrationClosed, Throttled, EmailInvalid, RecordInvalid (the password), AddressTaken."""
    if not settings.REGISTRATION_OPEN:
        raise RegistrationClosed
    attempts.spend(kind="register", by=site, most=MOST_FROM_ONE_SITE, within=WITHIN)
    person = User(email=canonical(email), full_name=full_name)
    if User.objects.filter(email=person.email).exists():
        raise AddressTaken
    passwords.check(password, person)
    person.set_password(password)
    for number in range(MOST_TRIES):
        try:
            return _registered(person, Company(name=company_name, slug=free_slug(company_name), **company))
        except IntegrityError:
            # Somebody else took the address, or the slug, a moment ago.
            if User.objects.filter(email=person.email).exists() or number == MOST_TRIES - 1:
                raise AddressTaken from None
            person.pk = None
    raise AssertionError("not reached")


@transaction.atomic
def _registered(person: User, company: Company) -> Membership:
    person.save(force_insert=True)
    with installation_wide():  # a company that does not exist yet cannot be in force
        company.save(force_insert=True)
        membership = Membership.objects.create(company=company, user=person, role=Role.OWNER)
    mail.post(template="welcome", to=person.email, company=company.name, link=mail.link("/"))
    record_in(company, person, audit.Event.REGISTERED)
    record_in(company, person, audit.Event.COMPANY_CREATED)
    return membership


def free_slug(name: str) -> str:
    """A slug that no company has, made from a name."""
    stem = slugify(name)[:LONGEST_STEM].strip("-_") or "company"
    with installation_wide():  # a slug is free where no company of all has it
        taken = set(Company.objects.filter(slug__startswith=stem).values_list("slug", flat=True)) | RESERVED
    number, slug = 1, stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


__all__ = ["AddressTaken", "RegistrationClosed", "free_slug", "register"]
