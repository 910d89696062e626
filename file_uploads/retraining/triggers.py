"""What sets a round off by itself: its turn has come, drift was found, enough outcomes or records have come in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from croniter import croniter  # type: ignore[import-untyped]

from file_uploads.models import Watch
from file_uploads.retraining.rounds import last_round
from ml_services.decisions.setting_rules import RETRAINING
from ml_services.models import DriftCheck, ModelVersion, PredictorSetting
from platform_core.records.kinds import KINDS
from platform_core.records.models import RecordChange
from platform_core.tenancy import TenantModel
from request_logs.models import Outcome

Name = Literal["person", "schedule", "drift", "outcomes", "rows"]


@dataclass(frozen=True, slots=True)
class Trigger:
    """What set a round off, and why in words."""

    name: Name
    detail: str

    def as_json(self) -> dict[str, Any]:
        """As kept with the run."""
        return asdict(self)


def due(setting: PredictorSetting, now: datetime) -> Trigger | None:
    """What asks for a round of this predictor of the company in force; None: nothing does, or the last round is too
    young, or still at work."""
    wanted = {**RETRAINING, **setting.retraining}
    if not wanted["enabled"]:
        return None
    last = last_round(setting.predictor)
    if last is not None and (last.ended_at is None or last.created_at > now - timedelta(days=wanted["min_days"])):
        return None
    since = last.created_at if last is not None else _first(setting)
    for look in (_turn, _drift, _outcomes, _rows):
        found = look(setting, wanted, since, now)
        if found is not None:
            return found
    return None


def _first(setting: PredictorSetting) -> datetime:
    """Where the counting begins before there was any round: when what serves was made."""
    own = ModelVersion.objects.filter(predictor=setting.predictor).exclude(company_id=None).order_by("created_at")
    newest = own.last()
    return newest.created_at if newest is not None else setting.company.created_at


def _turn(setting: PredictorSetting, wanted: dict[str, Any], since: datetime, now: datetime) -> Trigger | None:
    if not wanted["cron"]:
        return None
    zone = ZoneInfo(setting.company.time_zone)
    turn: datetime = croniter(wanted["cron"], now.astimezone(zone)).get_prev(datetime)
    return Trigger("schedule", f"its turn of {turn:%Y-%m-%d %H:%M}") if turn > since else None


def _drift(setting: PredictorSetting, wanted: dict[str, Any], since: datetime, now: datetime) -> Trigger | None:
    if not wanted["on_drift"]:
        return None
    found = DriftCheck.objects.filter(predictor=setting.predictor, created_at__gt=since, created_at__lte=now)
    check = found.exclude(verdict="unknown").order_by("created_at").last()
    alert = Watch.objects.filter(predictor=setting.predictor, alerted=True, told_at__gt=since, told_at__lte=now).first()
    if check is not None and check.verdict == "drift":
        return Trigger("drift", _first_reason(check.evidence))
    return Trigger("drift", _first_reason(alert.verdict)) if alert is not None else None


def _first_reason(told: dict[str, Any]) -> str:
    reasons = told.get("reasons") or ["scores or outcomes moved"]
    return str(reasons[0])[:300]


def _outcomes(setting: PredictorSetting, wanted: dict[str, Any], since: datetime, now: datetime) -> Trigger | None:
    enough = wanted["new_outcomes"]
    if enough is None:
        return None
    rows = Outcome.objects.filter(
        current=True, created_at__gt=since, created_at__lte=now, prediction__predictor=setting.predictor
    )
    # No further than is asked for: a count of millions would say no more.
    there = rows[:enough].count()
    return Trigger("outcomes", f"{there:,} new outcomes since {since:%Y-%m-%d}") if there >= enough else None


def _rows(setting: PredictorSetting, wanted: dict[str, Any], since: datetime, now: datetime) -> Trigger | None:
    enough = wanted["on_new_rows"]
    if enough is None:
        return None
    there = 0
    tables: list[type[TenantModel]] = [*(kind.model for kind in KINDS.values()), RecordChange]
    for table in tables:
        rows = table.objects.filter(recorded_at__gt=since, recorded_at__lte=now)
        there += rows[: enough - there].count()
        if there >= enough:
            return Trigger("rows", f"{there:,} new or changed records since {since:%Y-%m-%d}")
    return None


__all__ = ["Trigger", "due"]
