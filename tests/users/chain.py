"""The audit as tests read it."""

from __future__ import annotations

from users import audit
from users.models import AuditEvent, Company


def chain(company: Company | None) -> list[AuditEvent]:
    """A chain's events, first to last."""
    with audit.chain_in_force(company.pk if company else None):
        rows = AuditEvent.across_companies.filter(company_id=company.pk if company else None)
        return list(rows.order_by("sequence"))
