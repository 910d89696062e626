"""What the requests and predictions of the company in force add up to. Four queries, however many rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection

from platform_core.tenancy import current_company
from request_logs.identifiers import first_at
from request_logs.selectors import Filters
from users.models import ApiKey, User

USUAL_DAYS = 30
MOST_DAYS = 92
"""Three months of a busy company are a second's work for the database."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
Key = tuple[date, str, int, str]
NARROWED = """company_id = %(company)s AND id >= %(since)s AND id < %(until)s
  AND (%(kind)s = '' OR (asker_kind = %(kind)s AND asker_id = %(number)s))
  AND (%(predictor)s = '' OR predictor = %(predictor)s)"""
GROUP = "(created_at AT TIME ZONE 'UTC')::date AS day, asker_kind, asker_id, predictor"
REQUESTS = f"""
SELECT {GROUP}, count(*), count(*) FILTER (WHERE status >= 400), avg(latency_ms),
       percentile_cont(0.95) WITHIN GROUP (ORDER BY latency_ms)
FROM request_logs_request WHERE {NARROWED} GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - no part of it comes from outside
PREDICTIONS = f"""
SELECT {GROUP}, count(*) FROM request_logs_prediction WHERE {NARROWED} GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - no part of it comes from outside


def window(filters: Filters) -> tuple[datetime, datetime]:
    """The time that is looked at: as asked, but the last MOST_DAYS of it at most."""
    until = filters.until or datetime.now(UTC)
    days = timedelta(days=USUAL_DAYS if filters.since is None else MOST_DAYS)
    earliest = until - min(days, max(until - EARLIEST, timedelta(0)))
    return max(filters.since or earliest, earliest), until


def by_day(*, since: datetime, until: datetime, filters: Filters) -> list[dict[str, Any]]:
    """A row per day, asker and predictor, the newest day first."""
    narrowed = {
        "company": current_company(), "since": first_at(since), "until": first_at(until),
        "kind": filters.asker_kind, "number": filters.asker_id, "predictor": filters.predictor,
    }  # fmt: skip
    asked: dict[Key, tuple[Any, ...]] = {row[:4]: row[4:] for row in _rows(REQUESTS, narrowed)}
    predicted: dict[Key, int] = {row[:4]: row[4] for row in _rows(PREDICTIONS, narrowed)}
    keys = sorted(asked.keys() | predicted.keys(), key=lambda key: (-key[0].toordinal(), *key[1:]))
    names = labels((kind, number) for _, kind, number, _ in keys)
    return [_line(key, predicted.get(key, 0), asked.get(key), names) for key in keys]


def labels(askers: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """What people know askers by: a key's name, a person's e-mail. Two queries."""
    wanted = set(askers)
    keys = ApiKey.objects.filter(pk__in=[number for kind, number in wanted if kind == "key"]).values_list("pk", "name")
    people = User.objects.filter(
        pk__in=[number for kind, number in wanted if kind == "person"], memberships__company_id=current_company()
    ).values_list("pk", "email")
    return {("key", pk): name for pk, name in keys} | {("person", pk): email for pk, email in people}


def _rows(sql: str, narrowed: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, narrowed)
        return list(cursor.fetchall())


def _line(
    key: Key, predictions: int, asked: tuple[Any, ...] | None, names: dict[tuple[str, int], str]
) -> dict[str, Any]:
    day, kind, number, predictor = key
    requests, errors, mean, p95 = asked or (0, 0, None, None)
    return {
        "day": day.isoformat(),
        "asker": f"{kind}:{number}",
        "asker_label": names.get((kind, number)),
        "predictor": predictor or None,
        "predictions": predictions,
        "requests": requests,
        "errors": errors,
        "mean_ms": None if mean is None else round(mean, 3),
        "p95_ms": None if p95 is None else round(p95, 3),
    }


__all__ = ["MOST_DAYS", "USUAL_DAYS", "by_day", "labels", "window"]
