"""Files that are predicted again and again, by the model that serves at the time."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from croniter import croniter  # type: ignore[import-untyped]
from django.db import transaction
from django.utils import timezone

from file_uploads import selectors
from file_uploads.batch import intake, store
from file_uploads.models import BatchJob, Schedule
from platform_core.errors import Conflict, NotFound, PlatformError
from platform_core.tenancy import company_in_force, current_company, installation_wide
from users import asking
from users.input_fields import CRON, Rule, Wrong, cron, flag, line, read
from users.models import Company

log = logging.getLogger(__name__)
LONGEST_NAME, MOST = 100, 100
FILE_GONE = "The file of this schedule is gone. Send it again and name the new upload."


def _upload(value: Any) -> UUID:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise Wrong("invalid", "must be the id of an upload") from None


RULES: dict[str, Rule] = {"name": line(LONGEST_NAME), "upload": _upload, "cron": cron, "enabled": flag}


def following(cron: str, zone: str, after: datetime) -> datetime:
    """The first turn after a time."""
    found: datetime = croniter(cron, after.astimezone(ZoneInfo(zone))).get_next(datetime)
    return found


def schedule(schedule_id: int) -> Schedule:
    """One of the company's schedules. Raises NotFound."""
    found: Schedule | None = Schedule.objects.filter(pk=schedule_id).first()
    if found is None:
        raise NotFound("There is no such schedule.")
    return found


@transaction.atomic
def make(*, given: Any) -> Schedule:
    """A new schedule: {name, upload, cron, enabled}. Raises RecordInvalid; NotFound for an unknown upload."""
    asked = read(given, RULES, required=("name", "upload", "cron"))
    company = Company.objects.select_for_update(no_key=True).get(pk=current_company())
    if Schedule.objects.count() >= MOST:
        raise Conflict(f"A company has at most {MOST} schedules.")
    asked["upload"] = selectors.upload(asked["upload"])
    turn = following(asked["cron"], company.time_zone, timezone.now())
    made: Schedule = Schedule.objects.create(company_id=company.pk, next_at=turn, asker=asking.mark_now(), **asked)
    return made


@transaction.atomic
def change(*, schedule_id: int, given: Any) -> Schedule:
    """A schedule with some fields changed; its next turn is from now on. Raises NotFound, RecordInvalid."""
    schedule(schedule_id)
    asked = read(given, RULES)
    row: Schedule | None = Schedule.objects.select_for_update().filter(pk=schedule_id).first()
    if row is None:
        raise NotFound("There is no such schedule.")
    if "upload" in asked:
        asked["upload"] = selectors.upload(asked["upload"])
    for name, value in asked.items():
        setattr(row, name, value)
    zone = Company.objects.values_list("time_zone", flat=True).get(pk=row.company_id)
    row.next_at = following(row.cron, zone, timezone.now())
    row.save()
    return row


def remove(*, schedule_id: int) -> None:
    """Removes a schedule; the uploads it made stay. Raises NotFound."""
    schedule(schedule_id).delete()


def run_due() -> int:
    """Takes every turn that is due, each once however many ask: one that was missed is taken once. Returns how many."""
    with installation_wide():  # whichever company's they are
        due = list(Schedule.across_companies.filter(enabled=True, next_at__lte=timezone.now()).order_by("next_at"))
    taken = 0
    for row in due:
        try:
            taken += _turn(row)
        except OSError:  # the store or the disk is away: the turn stays due
            log.exception("a schedule could not be run")
    return taken


def _turn(seen: Schedule) -> bool:
    with company_in_force(seen.company_id), transaction.atomic():
        same = Schedule.objects.filter(pk=seen.pk, enabled=True, next_at=seen.next_at)
        row = same.select_for_update(skip_locked=True, of=("self",)).select_related("upload", "company").first()
        if row is None:
            return False
        now = timezone.now()
        row.last_at, row.next_at, row.last_error = now, following(row.cron, row.company.time_zone, now), ""
        try:
            row.last_upload = _again(row.upload, row.asker).pk
        except FileNotFoundError:
            row.last_error = FILE_GONE
        except PlatformError as problem:
            row.last_error = problem.detail
        row.save(update_fields=["last_at", "next_at", "last_error", "last_upload"])
    return True


def _again(job: BatchJob, asker: str) -> BatchJob:
    """The file of a job once more, in the same way, by what serves now."""
    place = store.key(job.company_id, job.pk, store.INPUT)
    if not store.store().exists(place):
        raise FileNotFoundError
    asked = intake.Asked(job.predictor, job.mapping, job.explain, job.result_format, asker)
    with store.reading(place) as path:
        return intake.take(company_id=job.company_id, path=path, name=job.name, asked=asked, sha256=job.sha256)


__all__ = ["CRON", "LONGEST_NAME", "change", "following", "make", "remove", "run_due", "schedule"]
