"""The letter to a company's owners and administrators when something needs their eyes, where the company wishes it."""

from __future__ import annotations

from users import mail
from users.models import Company, Membership, Role

TOLD = (Role.OWNER, Role.ADMIN)


def tell_administrators(*, company_id: int, what: str, said: str, path: str) -> int:
    """Posts the letters in the transaction that is open. `what`: the news in a few words; `said`: the reasons. How
    many there are."""
    company = Company.objects.get(pk=company_id)
    if not company.notify_by_email:
        return 0
    members = Membership.objects.filter(company=company, role__in=TOLD, user__is_active=True)
    addresses = list(members.order_by("user_id").values_list("user__email", flat=True))
    for to in addresses:
        mail.post(template="alert", to=to, company=company.name, what=what, said=said, link=mail.link(path))
    return len(addresses)


__all__ = ["tell_administrators"]
