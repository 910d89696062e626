"""What answered, and when: the versions in the ledger of the company in force, with the answers of composites that a
version had a part in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from ml_services import registry
from ml_services.models import ModelVersion, PredictorSetting
from ml_services.scoreboard.horizons import Horizon, horizon_of
from platform_core.errors import NotFound
from platform_core.tenancy import current_company

ANSWERS = """
answers AS (
    SELECT id, version, version_company, external_id, created_at, input, output, false AS part
    FROM request_logs_prediction WHERE company_id = %(company)s AND predictor = %(predictor)s
    UNION ALL
    SELECT whole.id, part ->> 'version', (part ->> 'company')::bigint, whole.external_id, whole.created_at,
           whole.input, whole.output -> %(predictor)s, true
    FROM request_logs_prediction AS whole, jsonb_array_elements(
        CASE jsonb_typeof(whole.parts) WHEN 'array' THEN whole.parts ELSE '[]' END) AS part
    WHERE whole.company_id = %(company)s AND whole.predictor = ANY(%(composites)s) AND part ->> 'name' = %(predictor)s
)
"""
VERSIONS = f"""
WITH {ANSWERS}, grouped AS (
    SELECT version, version_company, count(*) AS answers, min(created_at) AS first, max(created_at) AS last,
           max(id::text)::uuid AS newest
    FROM answers WHERE created_at <= %(until)s GROUP BY version, version_company
)
SELECT version, version_company, answers, first, last, (
    SELECT CASE WHEN one.predictor = %(predictor)s THEN one.output ELSE one.output -> %(predictor)s END
    FROM request_logs_prediction AS one WHERE one.company_id = %(company)s AND one.id = newest
) FROM grouped ORDER BY last DESC
"""  # noqa: S608 - no part of it comes from outside


@dataclass(frozen=True, slots=True)
class Answered:
    """One version that answered. `example`: its newest answer, from which the shape of its answers is read."""

    version: str
    company: int | None
    answers: int
    first: datetime
    last: datetime
    example: dict[str, Any]
    card: dict[str, Any]
    serving: bool
    horizon: Horizon


def parameters(predictor: str, until: datetime) -> dict[str, Any]:
    """What the SQL of this room is asked with."""
    composites = [name for name, one in registry.all_predictors().items() if predictor in one.parts]
    return {"company": current_company(), "predictor": predictor, "composites": composites, "until": until}


def versions(predictor: str, *, version: str | None, until: datetime, setting: PredictorSetting) -> list[Answered]:
    """The versions that answered until then, the newest answer first. Two queries. Raises NotFound where `version`
    neither answered nor exists."""
    with connection.cursor() as cursor:
        cursor.execute(VERSIONS, parameters(predictor, until))
        rows = cursor.fetchall()
    cards: dict[tuple[str, int | None], tuple[dict[str, Any], bool]] = {
        (row.version, row.company_id): (row.card, row.serving)
        for row in ModelVersion.objects.filter(predictor=predictor).only("version", "company_id", "card", "serving")
    }
    if version is not None and version not in {row[0] for row in rows} | {name for name, _ in cards}:
        raise NotFound(f"There is no version {version} of {predictor}.")
    own_serves = any(serving for (_, company), (_, serving) in cards.items() if company is not None)
    return [
        _answered(predictor, row, *cards.get((row[0], row[1]), ({}, False)), own_serves, setting)
        for row in rows
        if version is None or row[0] == version
    ]


def _answered(
    predictor: str,
    row: tuple[Any, ...],
    card: dict[str, Any],
    marked: bool,
    own_serves: bool,
    setting: PredictorSetting,
) -> Answered:
    """A shared version serves only where the company has none of its own that does."""
    name, company, answers, first, last, output = row
    example = loaded(output)
    horizon = horizon_of(
        predictor, answered=example.get("horizon_days"), setting=setting.horizon_days, card=card
    )  # fmt: skip
    serves = marked and (company is not None or not own_serves)
    return Answered(name, company, answers, first, last, example, card, serves, horizon)


def loaded(output: Any) -> dict[str, Any]:
    """A JSON object as the raw cursor gives it."""
    import msgspec

    found = msgspec.json.decode(output) if isinstance(output, str | bytes) else output
    return found if isinstance(found, dict) else {}


__all__ = ["ANSWERS", "Answered", "loaded", "parameters", "versions"]
