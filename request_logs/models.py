"""The ledger of predictions, what really happened, and the log of requests."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from platform_core.tenancy import InstallationManager, TenantManager, TenantModel
from request_logs.identifiers import time_ordered


def company_key() -> Any:
    """Whose row it is. Without an index of its own: each table has one that begins with the company."""
    return models.ForeignKey("users.Company", on_delete=models.CASCADE, related_name="+", db_index=False)


class Prediction(TenantModel):
    """One answer as it was given. `id` begins with its time, so it orders the ledger. `version_company`: null where
    the shared version answered. `parts`: for a composite, the version of each part: {name, version, company}.
    `input`: what the model looked at; what `redacted` names is replaced. `raw`, `base`, `reasons`: null where the
    answer was asked for without reasons. `latency_ms`: from the record to its answer, without the keeping."""

    company = company_key()
    id = models.UUIDField(primary_key=True, default=time_ordered, editable=False)
    asker_kind = models.CharField(max_length=8)
    asker_id = models.BigIntegerField()
    predictor = models.CharField(max_length=40)
    version = models.CharField(max_length=200)
    version_company = models.BigIntegerField(null=True)
    parts = models.JSONField(null=True)
    external_id = models.CharField(max_length=200, blank=True, default="")
    input = models.JSONField()
    redacted = models.JSONField(default=list)
    output = models.JSONField()
    raw = models.JSONField(null=True)
    base = models.JSONField(null=True)
    reasons = models.JSONField(null=True)
    latency_ms = models.FloatField()
    request_id = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            # Lists, pages and times are read along it; the key of outcomes refers to it.
            models.UniqueConstraint(fields=["company", "id"], name="request_logs_prediction_id_company"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["company", "predictor", "id"], name="prediction_predictor"),
            models.Index(
                fields=["company", "external_id", "id"],
                condition=~models.Q(external_id=""),
                name="prediction_external_id",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predictor} {self.id}"


class Outcome(TenantModel):
    """What really happened, as reported. Of several reports on one prediction, all are kept and one is `current`:
    the one with the latest `occurred_at`."""

    company = company_key()
    id = models.UUIDField(primary_key=True, default=time_ordered, editable=False)
    prediction = models.ForeignKey(Prediction, on_delete=models.CASCADE, related_name="outcomes")
    value = models.JSONField()
    occurred_at = models.DateTimeField()
    current = models.BooleanField()
    asker_kind = models.CharField(max_length=8)
    asker_id = models.BigIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["prediction"], condition=models.Q(current=True), name="one_current_outcome"
            ),
            models.UniqueConstraint(fields=["company", "id"], name="request_logs_outcome_id_company"),
        ]

    def __str__(self) -> str:
        return f"outcome of {self.prediction_id}"


class Request(TenantModel):
    """One request below /api/ of somebody known. Never a body, a query string or a header."""

    company = company_key()
    id = models.UUIDField(primary_key=True, editable=False)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    status = models.PositiveSmallIntegerField()
    latency_ms = models.FloatField()
    asker_kind = models.CharField(max_length=8)
    asker_id = models.BigIntegerField()
    predictor = models.CharField(max_length=40, blank=True, default="")
    bytes_in = models.BigIntegerField()
    bytes_out = models.BigIntegerField()
    request_id = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "id"], name="request_logs_request_id_company"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"
