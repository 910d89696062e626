"""A person's rights over what is held of them: to see it (GDPR, article 15), and to have it erased (article 17)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from platform_core.tenancy import company_in_force
from users import asking, audit, personal_data
from users.models import ErasureReceipt
from users.receipts import receipt_line

MODELS = "models"
"""The place whose kept rows are the versions that were trained with the person."""


def export(*, company_id: int, email: str) -> dict[str, Any]:
    """All that the company holds of the person with this address. Raises EmailInvalid."""
    with company_in_force(company_id), transaction.atomic():
        who = personal_data.person(company_id, email)
        receipts = ErasureReceipt.objects.filter(person=who.digest)
        found = {
            "email": who.email,
            "person": who.digest,
            "exported_at": timezone.now(),
            "identifiers": sorted(who.identifiers),
            "held": {place.name: place.held(who) for place in personal_data.places()},
            "receipts": [receipt_line(row) for row in receipts],
        }
        audit.record(audit.Event.PERSON_EXPORTED, subject=f"digest:{who.digest}")
    return found


def erase(*, company_id: int, email: str) -> ErasureReceipt:
    """Erases the person with this address wherever the company holds something of them, and leaves a receipt, also
    where nothing was held. Once more: the same end, and one more receipt. Raises EmailInvalid."""
    asker = asking.now_asking.get()
    with company_in_force(company_id), transaction.atomic():
        who = personal_data.person(company_id, email)
        known = personal_data.places()
        kept = {place.name: place.kept(who) for place in known}
        erased = {place.name: place.erase(who) for place in known}
        receipt: ErasureReceipt = ErasureReceipt.objects.create(
            company_id=company_id,
            person=who.digest,
            asker=asker.mark if asker else "",
            erased=erased,
            model_versions=kept.pop(MODELS, []),
            kept={name: rows for name, rows in kept.items() if rows},
        )
        audit.record(
            audit.Event.PERSON_ERASED,
            subject=f"digest:{who.digest}",
            detail={"receipt": str(receipt.pk), "erased": erased},
        )
    return receipt


__all__ = ["erase", "export"]
