"""The canonical records of a company, and what was known of them before. `kinds.py` says what each column takes."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from platform_core.tenancy import InstallationManager, TenantManager, TenantModel


def text(longest: int = 200) -> Any:
    """A text; empty: unknown."""
    return models.CharField(max_length=longest, blank=True, default="")


def moment() -> Any:
    """A time that may be unknown."""
    return models.DateTimeField(null=True, blank=True)


def table(name: str, moment: str) -> tuple[list[Any], list[Any]]:
    """The constraints and indexes that every kind has: one row per source's id; a list along the id; by e-mail; along
    the time that a frame reads by."""
    return [
        models.UniqueConstraint(fields=["company", "source", "external_id"], name=f"one_{name}_per_source_id"),
        models.UniqueConstraint(fields=["company", "id"], name=f"records_{name}_id_company"),
    ], [
        models.Index(fields=["company", "email"], condition=~models.Q(email=""), name=f"{name}_email"),
        models.Index(fields=["company", moment], name=f"{name}_moment"),
    ]


class BusinessRecord(TenantModel):
    """`source`: the system it came from, `external_id`: its id there. `source_updated_at`: when it was last changed
    there; of two versions the one with the later stamp counts. `known_since`: the stamp of the first version that came.
    `deleted_at`: it is gone at its source since. `extra`: what else the source says, by name."""

    company = models.ForeignKey("users.Company", on_delete=models.CASCADE, related_name="+", db_index=False)
    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=200)
    source_updated_at = models.DateTimeField()
    known_since = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = moment()
    email = text(254)
    extra = models.JSONField(default=dict)

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        abstract = True
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"


class Lead(BusinessRecord):
    """Somebody who may become a customer; a filled-in form is one."""

    name = text()
    company_name = text()
    industry = text()
    company_size = text(60)
    role = text()
    source_channel = text()
    country = text(60)
    status = text(60)
    created_at = models.DateTimeField()
    converted_at = moment()
    lost_at = moment()

    class Meta(BusinessRecord.Meta):
        constraints, indexes = table("lead", "created_at")


class Customer(BusinessRecord):
    """Somebody who buys. `ended_at`: since when no more."""

    name = text()
    plan = text()
    contract = text()
    country = text(60)
    status = text(60)
    marketing_opt_in = models.BooleanField(null=True)
    started_at = models.DateTimeField()
    ended_at = moment()

    class Meta(BusinessRecord.Meta):
        constraints, indexes = table("customer", "started_at")


def owner() -> Any:
    """The customer that `customer_ref` means, once it has come: a payment may be here before its customer. Migrations
    make it a key within the company."""
    return models.ForeignKey(
        Customer, on_delete=models.DO_NOTHING, null=True, blank=True, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip


def owned(name: str) -> list[Any]:
    """The indexes of what belongs to a customer."""
    return [
        models.Index(fields=["company", "source", "customer_ref"], name=f"{name}_customer_ref"),
        models.Index(fields=["company", "customer"], name=f"{name}_customer"),
    ]


class Payment(BusinessRecord):
    """Money that came, or should have. `amount_minor`: in the currency's smallest unit. `paid_at`: when it was tried,
    for one that failed. `refunded` means all of it, `refunded_minor` a part."""

    customer = owner()
    customer_ref = text()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=20)
    paid_at = models.DateTimeField()
    due_at = moment()
    refunded = models.BooleanField(null=True)
    refunded_minor = models.BigIntegerField(null=True)
    refunded_at = moment()

    class Meta(BusinessRecord.Meta):
        constraints, indexes = table("payment", "paid_at")
        indexes = indexes + owned("payment")


class Ticket(BusinessRecord):
    """A question or complaint. Its text is not kept."""

    customer = owner()
    customer_ref = text()
    status = text(60)
    priority = text(60)
    opened_at = models.DateTimeField()
    closed_at = moment()

    class Meta(BusinessRecord.Meta):
        constraints, indexes = table("ticket", "opened_at")
        indexes = indexes + owned("ticket")


class Order(BusinessRecord):
    """What was ordered. `items`: [{…}], as the source says."""

    customer = owner()
    customer_ref = text()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = text(60)
    placed_at = models.DateTimeField()
    cancelled_at = moment()
    items = models.JSONField(default=list)

    class Meta(BusinessRecord.Meta):
        constraints, indexes = table("order", "placed_at")
        indexes = indexes + owned("order")


class RecordChange(TenantModel):
    """What a record said `until` a newer version came: the fields that changed, with their values before. The value at
    a day is that of the earliest change after it; without one, today's."""

    company = models.ForeignKey("users.Company", on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10)
    record_id = models.BigIntegerField()
    until = models.DateTimeField()
    was = models.JSONField()
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        ordering: ClassVar = ["until", "id"]
        indexes: ClassVar = [
            models.Index(fields=["company", "kind", "until"], name="change_until"),
            models.Index(fields=["company", "kind", "record_id"], name="change_of_record"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id} until {self.until}"


__all__ = ["BusinessRecord", "Customer", "Lead", "Order", "Payment", "RecordChange", "Ticket"]
