"""Outcomes found in records: what was predicted, beside what the records say became of it. Reported as anybody's
outcomes are, by the asker `records`.

What somebody else has reported stands, unless a record tells of something that happened later; that nothing happened
never contradicts anybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from django.db import connection

from ml_services import outcome_kinds
from ml_services.datasets.facts import NOBODY, Truth, customer_facts, lead_facts, truth_of
from ml_services.models import ModelVersion, PredictorSetting
from platform_core.errors import PlatformError
from platform_core.tenancy import company_in_force
from request_logs import outcomes
from request_logs.outcomes import Kept, Report
from users.asking import Asker
from users.models import Company

BATCH = 1000
RECORDS: Final = "records"
OPEN = """
SELECT one.id, one.external_id, one.created_at, known.days,
    jsonb_path_query_array(one.input, '$.*.redacted'), current.value, current.asker_kind, current.occurred_at
FROM request_logs_prediction AS one
JOIN jsonb_to_recordset(%(versions)s) AS known(version text, company bigint, days int)
    ON known.version = one.version AND known.company IS NOT DISTINCT FROM one.version_company
LEFT JOIN request_logs_outcome AS current ON current.prediction_id = one.id AND current.current
WHERE one.company_id = %(company)s AND one.predictor = %(predictor)s AND one.id > %(after)s
    AND one.created_at < to_timestamp(%(now)s) AND (one.external_id <> '' OR one.redacted <> '[]')
    AND NOT EXISTS (
        SELECT FROM request_logs_outcome AS said WHERE said.prediction_id = one.id AND said.asker_kind = 'records'
            AND (said.value <> 'false' OR said.occurred_at >= one.created_at + make_interval(days => known.days))
    )
ORDER BY one.id LIMIT %(size)s
"""
"""What nothing final was found of yet: a "no" may be said when a lead is lost, before its horizon closes."""
FIRST = UUID(int=0)
COUNTED = ("looked", "recorded", "open", "unmatched", "kept_apart")


def report_found(company_id: int, *, as_of: datetime | None = None) -> dict[str, int]:
    """Reports what a company's records tell of its predictions. Counts: `looked` at; `recorded`, `contradictory`,
    `duplicate`, as the ledger took them; `open`: nothing can be said yet; `unmatched`: no record of theirs;
    `kept_apart`: somebody else's report stands. Again and again with the same end."""
    moment = as_of or datetime.now(UTC)
    counts: Counter[str] = Counter(dict.fromkeys(("looked", "recorded", "open", "unmatched", "kept_apart"), 0))
    with company_in_force(company_id):
        company = Company.objects.get(pk=company_id)
        asker = Asker(RECORDS, 0, RECORDS, company_id)
        for predictor, judged, who in _judges(company, moment.timestamp()):
            horizons = horizons_of(predictor)
            for rows in _batches(company_id, predictor, horizons, moment) if horizons else ():
                reports = list(_reports(rows, judged, who, moment, counts))
                for kept in outcomes.report(asker=asker, reports=reports, check=outcome_kinds.check):
                    counts[kept.result if isinstance(kept, Kept) else _refused(kept)] += 1
    return dict(counts)


def horizons_of(predictor: str) -> list[dict[str, Any]]:
    """The horizon of each version, [{version, company, days}]: as the company has set, else as its card says. Versions
    without one are not among them: when their outcome can be known is not decided."""
    own = PredictorSetting.objects.filter(predictor=predictor).first()
    days = own.horizon_days if own else None
    rows = ModelVersion.objects.filter(predictor=predictor).values_list("version", "company_id", "card__horizon_days")
    found = [{"version": version, "company": owner, "days": days or card} for version, owner, card in rows]
    return [one for one in found if isinstance(one["days"], int)]


def _judges(company: Company, now: float) -> Iterator[tuple[str, Any, Any]]:
    """Each predictor with what judges a row of it, and who is who."""
    buyers = customer_facts(company, now)
    if buyers is not None:
        yield "churn", buyers.churn, buyers.who
        yield "clv", buyers.clv, buyers.who
    asking = lead_facts(company, now)
    if asking is not None:
        yield "lead-score", asking.lead_score, asking.who
        yield "plan-tier", asking.plan_tier, asking.who


def _batches(
    company_id: int, predictor: str, horizons: list[dict[str, Any]], now: datetime
) -> Iterator[list[tuple[Any, ...]]]:
    values: dict[str, Any] = {"company": company_id, "predictor": predictor, "size": BATCH, "now": now.timestamp()}
    after, versions = FIRST, msgspec.json.encode(horizons).decode()
    while True:
        with connection.cursor() as cursor:
            cursor.execute(OPEN, {**values, "versions": versions, "after": after})
            rows = list(cursor.fetchall())
        if rows:
            after = rows[-1][0]
            yield rows
        if len(rows) < BATCH:
            return


def _reports(
    rows: list[tuple[Any, ...]], judged: Any, who: Any, now: datetime, counts: Counter[str]
) -> Iterator[Report]:
    for mark, external_id, created_at, days, digests, value, kind, occurred_at in rows:
        counts["looked"] += 1
        row = who.find(external_id, _read(digests))
        if row == NOBODY:
            counts["unmatched"] += 1
            continue
        due = created_at + timedelta(days=days)
        truth = truth_of(judged(row, created_at.timestamp(), due.timestamp(), now.timestamp()), due)
        if truth is None:
            counts["open"] += 1
        elif kind is not None and not _adds(truth, _read(value), kind, occurred_at):
            counts["kept_apart"] += 1
        else:
            yield Report(value=truth.value, occurred_at=truth.occurred_at, prediction_id=mark)


def _adds(truth: Truth, value: Any, kind: str, occurred_at: datetime) -> bool:
    """Whether it is to be said beside what counts now."""
    if truth.value == value:
        return False
    return kind == RECORDS or (truth.event and truth.occurred_at > occurred_at)


def _read(value: Any) -> Any:
    return msgspec.json.decode(value) if isinstance(value, str) else value


def _refused(problem: PlatformError) -> str:
    return f"refused_{problem.code}"


__all__ = ["horizons_of", "report_found"]
