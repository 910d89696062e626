"""What happened, for good: the database refuses to change or remove a row (see the migration's triggers), and each
row holds the hash of the one before it, a chain a company."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from platform_core.tenancy import InstallationManager, TenantManager


class AuditEvent(models.Model):
    """One act. `company` None: the installation's own chain (a sign-in to an unknown address, a command).

    The key to the company is not enforced by the database, so that the chain outlives its company. `asker` and
    `subject` are marks such as `person:3`: a row that cannot be changed must not hold what may have to be erased.
    """

    company = models.ForeignKey(
        "users.Company", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    act = models.CharField(max_length=60)
    asker = models.CharField(max_length=40, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)
    address = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        ordering: ClassVar = ["-sequence"]
        indexes: ClassVar = [
            models.Index(fields=["company", "act", "-sequence"], name="audit_by_act"),
            models.Index(fields=["company", "asker", "-sequence"], name="audit_by_asker"),
            models.Index(fields=["company", "at"], name="audit_by_time"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "sequence"], nulls_distinct=False, name="one_event_per_place"),
            models.CheckConstraint(condition=models.Q(sequence__gte=1), name="events_counted_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence}: {self.act}"


__all__ = ["AuditEvent"]
