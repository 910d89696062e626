"""The kinds of records, and what each of their columns takes: one table for the writer, the API, files and docs."""

from __future__ import annotations

from dataclasses import dataclass

from platform_core.errors import NotFound
from platform_core.records.models import BusinessRecord, Customer, Lead, Order, Payment, Ticket

PAID, FAILED, PENDING = "succeeded", "failed", "pending"
STATUSES = (PAID, FAILED, PENDING)


@dataclass(frozen=True, slots=True)
class Column:
    """`kind`: text, email, moment, amount (whole number of minor units), currency, yes_no, object or list."""

    name: str
    kind: str
    about: str
    required: bool = False
    longest: int = 200
    choices: tuple[str, ...] = ()


SQL_TYPES = {
    "text": "text", "email": "text", "currency": "text", "moment": "timestamptz", "amount": "bigint",
    "yes_no": "boolean", "object": "jsonb", "list": "jsonb",
}  # fmt: skip
FIRST = (
    Column("external_id", "text", "Its id at its source", required=True),
    Column("source_updated_at", "moment", "When it was last changed there; without it: now"),
)
COMMON = (
    Column("deleted_at", "moment", "Since when it is gone at its source"),
    Column("email", "email", "Whose it is; one spelling for one mailbox", longest=254),
    Column("extra", "object", "What else the source says: {name: value}"),
)
REF = Column("customer_ref", "text", "The external_id of its customer, of the same source")
MONEY = (
    Column("amount_minor", "amount", "In the currency's smallest unit: 1050 is 10.50 USD", required=True),
    Column("currency", "currency", "ISO 4217", required=True, longest=3),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """`moment`: the column that says when it happened."""

    name: str
    plural: str
    model: type[BusinessRecord]
    moment: str
    own: tuple[Column, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """What of a record may change from version to version."""
        return (*COMMON, *self.own)

    @property
    def table(self) -> str:
        """Its table in the database."""
        return self.model._meta.db_table

    @property
    def owned(self) -> bool:
        """Whether it belongs to a customer."""
        return REF in self.own


LEAD = Kind(
    "lead", "leads", Lead, "created_at",
    (
        Column("name", "text", "The person"), Column("company_name", "text", "Their company"),
        Column("industry", "text", "Industry or kind of business"),
        Column("company_size", "text", "People in the company, as a class", longest=60),
        Column("role", "text", "Their job, or its level"),
        Column("source_channel", "text", "Where the lead came from"),
        Column("country", "text", "ISO 3166 alpha-2", longest=60),
        Column("status", "text", "As the source calls it", longest=60),
        Column("created_at", "moment", "When the lead came in", required=True),
        Column("converted_at", "moment", "When they became a customer"),
        Column("lost_at", "moment", "When they were given up"),
    ),
)  # fmt: skip
CUSTOMER = Kind(
    "customer", "customers", Customer, "started_at",
    (
        Column("name", "text", "The person or firm"), Column("plan", "text", "The plan they are on"),
        Column("contract", "text", "How long they are bound"),
        Column("country", "text", "ISO 3166 alpha-2", longest=60),
        Column("status", "text", "As the source calls it", longest=60),
        Column("marketing_opt_in", "yes_no", "May be sent marketing"),
        Column("started_at", "moment", "Since when they are a customer", required=True),
        Column("ended_at", "moment", "Since when no more"),
    ),
)  # fmt: skip
PAYMENT = Kind(
    "payment", "payments", Payment, "paid_at",
    (
        REF, *MONEY, Column("status", "text", "What became of it", required=True, longest=20, choices=STATUSES),
        Column("paid_at", "moment", "When it was paid, or tried", required=True),
        Column("due_at", "moment", "When it should have been paid"),
        Column("refunded", "yes_no", "All of it was given back"),
        Column("refunded_minor", "amount", "How much of it was given back"),
        Column("refunded_at", "moment", "When it was given back"),
    ),
)  # fmt: skip
TICKET = Kind(
    "ticket", "tickets", Ticket, "opened_at",
    (
        REF, Column("status", "text", "As the source calls it", longest=60),
        Column("priority", "text", "As the source calls it", longest=60),
        Column("opened_at", "moment", "When it was opened", required=True),
        Column("closed_at", "moment", "When it was closed"),
    ),
)  # fmt: skip
ORDER = Kind(
    "order", "orders", Order, "placed_at",
    (
        REF, *MONEY, Column("status", "text", "As the source calls it", longest=60),
        Column("placed_at", "moment", "When it was placed", required=True),
        Column("cancelled_at", "moment", "When it was cancelled"),
        Column("items", "list", "What was ordered: [{…}]"),
    ),
)  # fmt: skip
KINDS: dict[str, Kind] = {one.plural: one for one in (LEAD, CUSTOMER, PAYMENT, TICKET, ORDER)}


def kind_of(name: str) -> Kind:
    """The kind of that name, in the singular or the plural. Raises NotFound."""
    for one in KINDS.values():
        if name in (one.name, one.plural):
            return one
    raise NotFound(f"There are no records called {name[:40]!r}; kinds are {', '.join(KINDS)}.")


__all__ = [
    "CUSTOMER", "FAILED", "FIRST", "KINDS", "LEAD", "ORDER", "PAID", "PAYMENT", "PENDING", "SQL_TYPES", "STATUSES",
    "TICKET", "Column", "Kind", "kind_of",
]  # fmt: skip
