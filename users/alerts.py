"""The letter to a company's owners and administrators when something needs to be looked at, where they wish letters."""

from __future__ import annotations

from users import mail
from users.models import Company, Membership
from users.roles import ADMINS


def tell(*, company_id: int, what: str, said: str, path: str) -> int:
    """Posts the letters in the transaction that is open. `what`: its subject; `said`: what was found. How many."""
    company = Company.objects.get(pk=company_id)
    if not company.notify_by_email:
        return 0
    members = Membership.objects.filter(company=company, role__in=ADMINS, user__is_active=True).order_by("pk")
    addresses = list(members.values_list("user__email", flat=True))
    for to in addresses:
        mail.post(template="alert", to=to, company=company.name, link=mail.link(path), what=what, said=said.rstrip("."))
    return len(addresses)


__all__ = ["tell"]
