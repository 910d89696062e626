"""What the API itself keeps: the answers to requests with an Idempotency-Key."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from platform_core.tenancy import InstallationManager, TenantManager, TenantModel


class IdempotentAnswer(TenantModel):
    """What was answered to an asker's (`key:7`, `person:3`) request of this key. `status` 0: its answer is given once
    and not kept. The row and what the request did are committed together."""

    asker = models.CharField(max_length=30)
    key = models.CharField(max_length=255)
    digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(default=0)
    content_type = models.CharField(max_length=200, default="")
    body = models.BinaryField(default=b"")
    created_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "asker", "key"], name="one_answer_per_idempotency_key")
        ]

    def __str__(self) -> str:
        return f"{self.asker} {self.key}"
