"""The pages of what was predicted: the list, one prediction with its reasons and outcome, and usage."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dashboard import ledger_pages as pages
from dashboard.access import for_company
from dashboard.lasting_pages import told_later
from dashboard.ledger_forms import FilterForm
from ml_services import outcome_kinds, registry
from ml_services.replay import replay
from platform_core.errors import PlatformError
from request_logs import outcomes, selectors, usage
from request_logs.models import Prediction
from request_logs.outcomes import Report
from request_logs.selectors import Filters
from users import asking
from users.models import User
from users.roles import Act, role_may

PAGE_SIZE = 50
PERIODS = (7, 30, 90)


def may(request: HttpRequest, act: Act) -> bool:
    """Whether the person's role in the company in force allows it."""
    return role_may(cast(User, request.user).role, act)


@require_safe
@for_company
def predictions(request: HttpRequest, *, company: Any) -> HttpResponse:
    """The ledger, newest first."""
    form = FilterForm(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    filters = Filters(
        predictor=given.get("predictor") or "",
        external_id=given.get("external_id") or "",
        since=_start(given.get("since")),
        until=_start(given.get("until"), after=1),
    )
    rows, going_on = selectors.predictions(filters=filters, before=given.get("cursor"), size=PAGE_SIZE)
    known = selectors.current_outcomes(rows)
    names = usage.labels((row.asker_kind, row.asker_id) for row in rows)
    further = request.GET.copy()
    further["cursor"] = str(going_on or "")
    lines = [
        {
            "row": row,
            "title": getattr(pages.predictor_of(row), "title", row.predictor),
            "answer": pages.brief(row),
            "asker": names.get((row.asker_kind, row.asker_id), f"{row.asker_kind} {row.asker_id}"),
            "outcome": pages.happened(known.get(row.pk)),
        }
        for row in rows
    ]
    context = {"company": company, "form": form, "lines": lines, "older": further.urlencode() if going_on else ""}
    return render(request, "dashboard/predictions.html", context | {"narrowed": any(given.values())})


@require_http_methods(["GET", "HEAD", "POST"])
@for_company
def prediction(request: HttpRequest, prediction: UUID, *, company: Any) -> HttpResponse:
    """One prediction: its answer and reasons, what it was asked with, what happened; told or computed again."""
    row = selectors.prediction(prediction)
    context: dict[str, Any] = {}
    if request.method == "POST" and "outcome" in request.POST:
        return _tell(request, row)
    if request.method == "POST" and "again" in request.POST:
        context["again"] = _again(row)
    history = selectors.history(row)
    names = usage.labels([(row.asker_kind, row.asker_id), *((one.asker_kind, one.asker_id) for one in history)])
    context |= {
        "company": company,
        "row": row,
        "title": getattr(pages.predictor_of(row), "title", row.predictor),
        "asker": names.get((row.asker_kind, row.asker_id), f"{row.asker_kind} {row.asker_id}"),
        "inputs": pages.inputs(row),
        "history": [{"row": one, "said": pages.happened(one)} for one in history],
        "field": pages.outcome_field(row) if may(request, Act.RECORD_OUTCOMES) else None,
        **pages.whole(row),
        **told_later(request, row, may(request, Act.PREDICT)),
    }
    return render(request, "dashboard/prediction.html", context)


def _tell(request: HttpRequest, row: Prediction) -> HttpResponse:
    if not may(request, Act.RECORD_OUTCOMES):
        raise PermissionDenied
    report = Report(value=request.POST["outcome"], occurred_at=datetime.now(UTC), prediction_id=row.pk)
    (taken,) = outcomes.report(asker=asking.required(request), reports=[report], check=outcome_kinds.check)
    if isinstance(taken, PlatformError):
        messages.error(request, taken.detail)
    else:
        messages.success(request, "Known already." if taken.result == "duplicate" else "Noted. Thank you.")
    return redirect("history-entry", row.pk)


def _again(row: Prediction) -> dict[str, Any]:
    try:
        return replay(row)
    except PlatformError as problem:
        return {"problem": problem.detail}


@require_safe
@for_company
def usage_page(request: HttpRequest, *, company: Any) -> HttpResponse:
    """What was asked: by day, by predictor, by key or person."""
    if not may(request, Act.SEE_LOGS):
        raise PermissionDenied
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(one) for one in PERIODS} else PERIODS[1]
    today = datetime.combine(datetime.now(UTC).date(), time.min, UTC)
    since = today - timedelta(days=days - 1)
    rows = usage.by_day(since=since, until=datetime.now(UTC) + timedelta(seconds=1), filters=Filters())
    titles = {name: one.title for name, one in registry.all_predictors().items()} | {"": "Everything else"}
    names = {row["asker"]: row["asker_label"] or row["asker"].replace(":", " ") for row in rows}
    chart = pages.columns(rows, days)
    context = {
        "company": company,
        "days": days,
        "periods": PERIODS,
        "chart": chart,
        "width": days * 10,
        "total": next(iter(pages.sums([row | {"all": "all"} for row in rows], "all")), None),
        "by_predictor": pages.sums(rows, "predictor", titles),
        "by_asker": pages.sums(rows, "asker", names),
    }
    return render(request, "dashboard/usage.html", context)


def _start(day: date | None, after: int = 0) -> datetime | None:
    """The beginning of a day, or of the one after it."""
    return None if day is None else datetime.combine(day, time.min, UTC) + timedelta(days=after)


__all__ = ["may", "prediction", "predictions", "usage_page"]
