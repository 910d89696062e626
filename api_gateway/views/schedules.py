"""Files that are predicted again and again."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway.company_schemas import LINE
from api_gateway.endpoint import Endpoint
from api_gateway.operations import Operation
from api_gateway.pagination import PAGE_QUERIES, page_of, paged
from api_gateway.schemas import TIME, TIME_OR_NULL, or_null, record, ref, text
from file_uploads import schedules
from file_uploads.models import Schedule
from users.roles import Act

FIELDS = {
    "name": text(pattern=LINE, maxLength=schedules.LONGEST_NAME),
    "upload": text("Whose file, columns and options are taken.", format="uuid"),
    "cron": text("In the company's time zone; once an hour at most.", pattern=schedules.CRON, examples=["30 2 * * *"]),
    "enabled": {"type": "boolean", "default": True},
}
COMPONENTS = {
    "Schedule": record(
        {
            "id": {"type": "integer"},
            **FIELDS,
            "predictor": text(),
            "next_at": TIME,
            "last_at": TIME_OR_NULL,
            "last_upload": or_null("string", description="The upload that its last turn made."),
            "last_error": or_null("string"),
            "created_at": TIME,
        }
    ),
    "NewSchedule": record(FIELDS, optional=("enabled",), additionalProperties=False),
    "ScheduleChange": record(FIELDS, optional=tuple(FIELDS), additionalProperties=False),
}


def schedule_line(row: Schedule) -> dict[str, Any]:
    """A schedule."""
    return {
        "id": row.pk,
        "name": row.name,
        "upload": row.upload_id,
        "predictor": row.upload.predictor,
        "cron": row.cron,
        "enabled": row.enabled,
        "next_at": row.next_at,
        "last_at": row.last_at,
        "last_upload": row.last_upload,
        "last_error": row.last_error or None,
        "created_at": row.created_at,
    }


def _operation(name: str, summary: str, **more: Any) -> Operation:
    return Operation(id=name, summary=summary, tag="Files", components=COMPONENTS, **more)


class SchedulesView(Endpoint):
    """The schedules; making one."""

    acts = {"get": Act.SEE_SCHEDULES, "post": Act.MANAGE_SCHEDULES}
    operations = {
        "get": _operation(
            "schedules", "The schedules", answer=paged(ref("Schedule")), queries=PAGE_QUERIES, errors=(404,)
        ),
        "post": _operation(
            "schedule_create",
            "Predict a file again and again",
            body=ref("NewSchedule"),
            answer=ref("Schedule"),
            status=201,
            errors=(404, 409),
        ),
    }

    def get(self, request: Request) -> Response:
        return page_of(request, Schedule.objects.select_related("upload"), schedule_line)

    def post(self, request: Request) -> Response:
        return Response(schedule_line(schedules.make(given=request.data)), status=201)


class ScheduleView(Endpoint):
    """One schedule."""

    acts = {"get": Act.SEE_SCHEDULES, "patch": Act.MANAGE_SCHEDULES, "delete": Act.MANAGE_SCHEDULES}
    operations = {
        "get": _operation("schedule", "One schedule", answer=ref("Schedule"), errors=(404,)),
        "patch": _operation(
            "schedule_change", "Change it", body=ref("ScheduleChange"), answer=ref("Schedule"), errors=(404,)
        ),
        "delete": _operation("schedule_delete", "Remove it", answer=None, status=204, errors=(404,)),
    }

    def get(self, request: Request, schedule: int) -> Response:
        return Response(schedule_line(schedules.schedule(schedule)))

    def patch(self, request: Request, schedule: int) -> Response:
        return Response(schedule_line(schedules.change(schedule_id=schedule, given=request.data)))

    def delete(self, request: Request, schedule: int) -> Response:
        schedules.remove(schedule_id=schedule)
        return Response(status=204)
