"""Outcomes as they come in: one report, or up to a thousand of which each may be wrong by itself."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from api_gateway.ledger_schemas import MOST_OUTCOMES
from api_gateway.problems import Problem, one
from ml_services import outcome_kinds, registry
from ml_services.base import Field
from ml_services.checking import date_reader
from ml_services.value_problems import Unfit
from platform_core.errors import InputInvalid, PlatformError
from request_logs import outcomes
from request_logs.lines import outcome_line
from request_logs.outcomes import Kept, Report
from users.asking import Asker

KEYS = frozenset({"prediction_id", "external_id", "predictor", "outcome", "occurred_at"})
LONGEST_ID = 200
DATE_ONLY = len("2026-11-21")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_read_date = date_reader(Field("occurred_at", "date"))
Given = Report | PlatformError


def taken(asker: Asker, body: Any) -> dict[str, Any]:
    """The answer to a body of one or many reports. Raises what is wrong with one."""
    if not isinstance(body, dict):
        raise InputInvalid('The body must be one JSON object, or {"outcomes": [...]}.')
    if body.keys() != {"outcomes"}:
        result = outcomes.report(asker=asker, reports=[report_of(body)], check=outcome_kinds.check)[0]
        if isinstance(result, PlatformError):
            raise result
        return _line(result)
    given = [_tried(item) for item in _listed(body["outcomes"])]
    good = [item for item in given if isinstance(item, Report)]
    kept = iter(outcomes.report(asker=asker, reports=good, check=outcome_kinds.check))
    results = [next(kept) if isinstance(item, Report) else item for item in given]
    return {"results": [_line(item) if isinstance(item, Kept) else {"errors": [_problem(item)]} for item in results]}


def report_of(item: Any) -> Report:
    """One report out of its JSON. Raises InputInvalid."""
    if not isinstance(item, dict):
        raise InputInvalid("An outcome must be an object.")
    for key in item:
        if key not in KEYS:
            raise InputInvalid(f"{key[:60]} is not a field of an outcome.", attr=key[:60])
    if item.get("outcome") is None:
        raise InputInvalid("outcome is required: what really happened.", attr="outcome")
    at = _moment(item["occurred_at"]) if "occurred_at" in item else datetime.now(UTC)
    if "prediction_id" in item:
        if "external_id" in item or "predictor" in item:
            raise InputInvalid("Give prediction_id, or external_id and predictor, not both.", attr="prediction_id")
        return Report(value=item["outcome"], occurred_at=at, prediction_id=_uuid(item["prediction_id"]))
    for key in ("external_id", "predictor"):
        if key not in item:
            raise InputInvalid("Give prediction_id, or external_id and predictor.", attr=key)
    external_id, predictor = item["external_id"], item["predictor"]
    if not isinstance(external_id, str) or not 0 < len(external_id) <= LONGEST_ID or "\0" in external_id:
        raise InputInvalid(f"external_id must be a text of 1 to {LONGEST_ID} characters.", attr="external_id")
    if not isinstance(predictor, str) or predictor not in registry.all_predictors():
        raise InputInvalid(f"predictor must be one of {', '.join(registry.all_predictors())}.", attr="predictor")
    return Report(value=item["outcome"], occurred_at=at, external_id=external_id, predictor=predictor)


def _listed(items: Any) -> list[Any]:
    if not isinstance(items, list) or not 0 < len(items) <= MOST_OUTCOMES:
        raise InputInvalid(f"outcomes must be a list of 1 to {MOST_OUTCOMES:,} objects.", attr="outcomes")
    for position, item in enumerate(items):
        if not isinstance(item, dict):
            raise InputInvalid(f"outcomes[{position}] must be an object.", attr=f"outcomes.{position}")
    return items


def _tried(item: Any) -> Given:
    try:
        return report_of(item)
    except InputInvalid as problem:
        return problem


def _moment(value: Any) -> datetime:
    """A bare date means the whole day: its end, or now while it lasts, so that it is not before what was predicted
    that day."""
    problem = InputInvalid(
        "occurred_at must be ISO 8601, such as 2026-11-21T09:30:00Z or 2026-11-21.", attr="occurred_at"
    )
    try:
        days = _read_date(value)
    except Unfit:
        raise problem from None
    if days != days:
        raise problem
    try:
        found = EPOCH + timedelta(days=days)
        if len(value.strip()) > DATE_ONLY:
            return found
        return max(found, min(datetime.combine(found.date(), time.max, UTC), datetime.now(UTC)))
    except OverflowError:
        raise problem from None


def _uuid(value: Any) -> UUID:
    try:
        found = UUID(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or len(value) != len(str(found)):
        raise InputInvalid("prediction_id must be an id as in a prediction's answer.", attr="prediction_id")
    return found


def _line(kept: Kept) -> dict[str, Any]:
    return {
        "prediction_id": kept.prediction_id,
        "result": kept.result,
        "outcome": kept.value,
        "current": outcome_line(kept.current),
    }


def _problem(problem: PlatformError) -> Problem:
    return one(problem.code, problem.detail, problem.attr)


__all__ = ["report_of", "taken"]
