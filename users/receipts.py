"""Proof that a person's data was erased, without the data."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from platform_core.tenancy import InstallationManager, TenantManager, TenantModel


class ErasureReceipt(TenantModel):
    """One erasure. `person`: the keyed digest of the address; `asker`: who had it done; `erased`: how many of what, by
    place; `kept`: what stays, by place; `model_versions`: those that were trained with the person's data."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.CharField(max_length=32)
    asker = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False)
    erased = models.JSONField(default=dict)
    kept = models.JSONField(default=dict)
    model_versions = models.JSONField(default=list)

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["company", "person", "-at"], name="receipts_of_a_person")]

    def __str__(self) -> str:
        return f"erasure {self.id}"


def receipt_line(row: ErasureReceipt) -> dict[str, Any]:
    """A receipt as it is shown."""
    return {
        "id": str(row.pk),
        "at": row.at,
        "person": row.person,
        "asker": row.asker or None,
        "erased": row.erased,
        "kept": row.kept,
        "model_versions": row.model_versions,
    }


__all__ = ["ErasureReceipt", "receipt_line"]
