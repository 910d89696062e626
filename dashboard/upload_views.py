"""The pages of files: the list with a form to send one, the columns of one that is not understood, and one file while
it is predicted and after. They call the services that the API calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from dashboard import upload_pages as pages
from dashboard.access import for_company, needs
from dashboard.company_views import page_of
from dashboard.incoming_files import with_file
from dashboard.upload_forms import ColumnsForm, FileForm, WantedForm
from file_uploads import selectors
from file_uploads.batch import choosing, incoming, intake, store
from file_uploads.downloads import download
from file_uploads.models import OPEN, BatchJob
from platform_core.errors import Conflict, NotFound, PlatformError, RecordInvalid
from users import asking, audit
from users.roles import Act

FORM = ["GET", "HEAD", "POST"]
RELOAD_S = 3
"""While a file is predicted its page comes anew by itself."""


@csrf_exempt  # with_file checks it
@never_cache
@require_http_methods(FORM)
@for_company
@needs(Act.SEE_UPLOADS, to_change=Act.UPLOAD)
@with_file
def uploads(request: HttpRequest, *, company: Any) -> HttpResponse:
    """The files that were sent, and a form for another."""
    initial = {"predictor": request.GET.get("predictor", "")}
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm(initial=initial)
    if form.is_bound and form.is_valid():
        answer = _sent(request, form, company.pk)
        if answer is not None:
            return answer
    rows = page_of(request, selectors.uploads())
    lines = [pages.line(job) for job in rows]
    return render(request, "dashboard/files.html", {"company": company, "form": form, "rows": rows, "lines": lines})


def _sent(request: HttpRequest, form: FileForm, company_id: int) -> HttpResponse | None:
    """Where a sent file leads: to its job, to the choice of its columns, or (None) back to the form."""
    file = form.cleaned_data["file"]
    asked = form.asked(asking.required(request).mark)
    path, name = Path(file.temporary_file_path()), Path(file.name or "upload").name
    try:
        job, known = intake.receive(
            company_id=company_id, path=path, name=name, asked=asked, sha256=file.sha256,
            again=form.cleaned_data["again"],
        )  # fmt: skip
    except RecordInvalid:
        wanted = {"sha256": file.sha256, "predictor": asked.predictor, "format": asked.result_format}
        flags = {key: "on" for key in ("explain", "again") if form.cleaned_data[key]}
        return redirect(f"{reverse('files-columns')}?{urlencode(wanted | flags)}")
    except PlatformError as problem:
        form.refuse(problem)
        return None
    return _to(request, job, known)


def _to(request: HttpRequest, job: BatchJob, known: bool) -> HttpResponse:
    if known:
        messages.success(request, "This very file was sent before, for the same: here is what became of it.")
    return redirect("file", job.pk)


@never_cache
@require_http_methods(FORM)
@for_company
@needs(Act.UPLOAD)
def columns(request: HttpRequest, *, company: Any) -> HttpResponse:
    """Which column of a file is which field, for a file that was not understood; it need not be sent again."""
    wanted, sha256 = WantedForm(request.GET), request.GET.get("sha256", "")
    if not wanted.is_valid():
        raise NotFound
    try:
        file = choosing.held_file(company_id=company.pk, sha256=sha256, predictor=wanted.cleaned_data["predictor"])
    except PlatformError as problem:
        messages.error(request, problem.detail)
        return redirect("files")
    form = ColumnsForm(file, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            return _to(request, *_chosen(request, wanted, form, file, sha256))
        except PlatformError as problem:
            form.refuse(problem)
    title = dict(wanted.fields["predictor"].choices)[wanted.cleaned_data["predictor"]]  # type: ignore[attr-defined]
    return render(
        request, "dashboard/file_columns.html", {"company": company, "form": form, "file": file, "title": title}
    )


def _chosen(
    request: HttpRequest, wanted: WantedForm, form: ColumnsForm, file: choosing.HeldFile, sha256: str
) -> tuple[BatchJob, bool]:
    who = asking.required(request)
    asked = wanted.asked(who.mark, choosing.mapping_of(file, form.chosen()))
    place, name = incoming.held(int(who.company_id or 0), sha256)
    with store.reading(place) as path:
        return intake.receive(
            company_id=int(who.company_id or 0), path=path, name=name, asked=asked, sha256=sha256,
            again=wanted.cleaned_data["again"],
        )  # fmt: skip


@never_cache
@require_http_methods(FORM)
@for_company
@needs(Act.SEE_UPLOADS, to_change=Act.UPLOAD)
def upload(request: HttpRequest, upload: UUID, *, company: Any) -> HttpResponse:
    """One file: how far it is, what it gave; stopped or removed by its buttons."""
    job = selectors.upload(upload)
    if request.method == "POST":
        return _changed(request, job)
    removing = "remove" in request.GET  # asked whether it is meant: a page that stays
    answer = render(request, "dashboard/file.html", {"company": company, "removing": removing, **pages.whole(job)})
    if job.status in OPEN and not removing:
        answer.headers["Refresh"] = str(RELOAD_S)
    return answer


def _changed(request: HttpRequest, job: BatchJob) -> HttpResponse:
    if request.POST.get("do") == "delete":
        intake.remove(job_id=job.pk)
        messages.success(request, f"Removed: {job.name}, with its results.")
        return redirect("files")
    try:
        if request.POST.get("do") == "cancel":
            intake.cancel(job_id=job.pk)
            messages.success(request, "Stopped.")
    except Conflict as problem:
        messages.error(request, problem.detail)
    return redirect("file", job.pk)


@require_safe
@for_company
@needs(Act.SEE_UPLOADS)
def results(request: HttpRequest, upload: UUID, *, company: Any) -> HttpResponseBase:
    """The file's rows with their predictions."""
    return _download(request, upload, rejects=False)


@require_safe
@for_company
@needs(Act.SEE_UPLOADS)
def rejects(request: HttpRequest, upload: UUID, *, company: Any) -> HttpResponseBase:
    """The rows that could not be predicted, and why."""
    return _download(request, upload, rejects=True)


def _download(request: HttpRequest, upload: UUID, *, rejects: bool) -> HttpResponseBase:
    job = selectors.upload(upload)
    try:
        place, name = selectors.file_of(job, rejects=rejects)
    except Conflict as problem:
        messages.error(request, problem.detail)
        return redirect("file", upload)
    audit.record(audit.Event.EXPORTED, subject=f"upload:{upload}", detail={"rejects": rejects})
    return download(request, place, name)


__all__ = ["columns", "rejects", "results", "upload", "uploads"]
