"""The letter to whoever sent a file or started a training, when it has ended, where their company wishes it."""

from __future__ import annotations

from typing import Any

from users import mail
from users.models import Company, Membership

TOLD = ("done", "failed")
"""Who cancels knows it."""


def tell(*, company_id: int, asker: str, what: str, name: str, status: str, said: str, path: str) -> bool:
    """Posts the letter in the transaction that is open. `asker`: a mark, as `person:3`; a program gets no letter, nor
    does who is no member any more. `what`, `name`, `said`: what ended, which one, and how. Whether there is one."""
    kind, _, number = asker.partition(":")
    if kind != "person" or not number.isdecimal() or status not in TOLD:
        return False
    company = Company.objects.get(pk=company_id)
    members = Membership.objects.filter(company=company, user_id=int(number), user__is_active=True)
    to = members.values_list("user__email", flat=True).first() if company.notify_by_email else None
    if to is None:
        return False
    told: Any = {"what": what, "name": name, "status": status, "said": said.rstrip(".")}
    mail.post(template="ended", to=to, company=company.name, link=mail.link(path), **told)
    return True


__all__ = ["tell"]
