"""What has been kept long enough goes, a little at a time: no lock is held for long, and the database is left room to
tidy up between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from platform_core.tenancy import company_in_force, installation_wide
from request_logs.identifiers import first_at
from users import audit
from users.models import Company

BATCH = 5_000
REQUESTS_KEPT = timedelta(days=90)
PREDICTIONS = """
WITH old AS (
    SELECT id FROM request_logs_prediction WHERE company_id = %s AND id < %s ORDER BY id LIMIT %s
), told AS (
    DELETE FROM request_logs_outcome AS one USING old WHERE one.company_id = %s AND one.prediction_id = old.id
    RETURNING 1
), gone AS (
    DELETE FROM request_logs_prediction AS one USING old WHERE one.company_id = %s AND one.id = old.id RETURNING 1
)
SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM told)
"""
REQUESTS = """
WITH old AS (
    SELECT id FROM request_logs_request WHERE company_id = %s AND id < %s ORDER BY id LIMIT %s
), gone AS (
    DELETE FROM request_logs_request AS one USING old WHERE one.company_id = %s AND one.id = old.id RETURNING 1
)
SELECT count(*), 0 FROM gone
"""


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows of a company were removed."""

    company: str
    predictions: int
    outcomes: int
    requests: int


def prune(*, batch: int = BATCH, now: datetime | None = None) -> list[Pruned]:
    """Removes every company's predictions (with their outcomes) older than its own retention, and its requests older
    than REQUESTS_KEPT."""
    now = now or timezone.now()
    with installation_wide():  # which companies there are, and how long each keeps
        companies = list(Company.objects.order_by("pk").values_list("pk", "slug", "retention_days"))
    found = []
    for company, slug, days in companies:
        predictions, outcomes = _removed(PREDICTIONS, company, now - timedelta(days=days), batch)
        requests, _ = _removed(REQUESTS, company, now - REQUESTS_KEPT, batch)
        removed = {"predictions": predictions, "outcomes": outcomes, "requests": requests}
        if any(removed.values()):
            told = {"older_than_days": days, **removed}
            audit.record(audit.Event.DELETED, subject="retention", detail=told, company_id=company)
        found.append(Pruned(slug, **removed))
    return found


def _removed(sql: str, company: int, before: datetime, batch: int) -> tuple[int, int]:
    """Rows and their dependants removed, a transaction each `batch` rows."""
    rows = dependants = 0
    end = first_at(before)
    while True:
        with company_in_force(company), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [company, end, batch, *([company] * (sql.count("%s") - 3))])
            some, more = cursor.fetchone()
        rows, dependants = rows + some, dependants + more
        if some < batch:
            return rows, dependants


__all__ = ["BATCH", "Pruned", "prune"]
