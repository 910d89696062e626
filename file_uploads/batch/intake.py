"""A file comes in: looked at, kept, and its job and work saved together."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from file_uploads.batch import incoming, states, store, work
from file_uploads.batch.mapping import settle
from file_uploads.models import OPEN, BatchJob, JobState
from file_uploads.purchases import reads_purchases
from file_uploads.reading import TableFile, open_table
from ml_services import pinned, serving
from ml_services.base import Model
from ml_services.forecasting.model import SeriesModel
from platform_core.errors import Conflict, FieldProblem, NotFound, RecordInvalid
from users import audit

FORMATS = ("csv", "parquet")
NOT_THERE = "There is no such upload."
UNPACKED_TIMES = 5
"""A packed file may hold so many times what a file may have: tables pack to about a fifth."""
LOOK_ROWS = 1_000
"""The rows by which the columns of a file of series are told."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants of a file. `mapping`: {file's column: field}, beside what is found by itself."""

    predictor: str
    mapping: dict[str, str] = field(default_factory=dict)
    explain: bool = False
    result_format: str = "csv"
    asker: str = ""


def take(*, company_id: int, path: Path, name: str, asked: Asked, sha256: str = "") -> BatchJob:
    """Opens a job for the file at `path`, which is moved or copied away. Raises FileRefused, InputInvalid where the
    file lacks columns, NoModel. Called with the company in force."""
    pin = pinned.pin(company_id, asked.predictor)
    model = serving.find(company_id, asked.predictor).model
    source = open_table(path, declared_name=name, max_bytes=UNPACKED_TIMES * settings.MAX_UPLOAD_BYTES)
    whole, mapping = _settled(model, source, asked.mapping)
    job = BatchJob(
        company_id=company_id,
        predictor=asked.predictor,
        model=pin,
        name=name[:200],
        bytes=path.stat().st_size,
        sha256=sha256 or digest(path),
        columns=list(source.columns),
        mapping=mapping,
        explain=asked.explain,
        whole=whole,
        result_format=asked.result_format,
        asker=asked.asker,
        notes=renamed(mapping),
    )
    _keep(path, store.key(company_id, job.pk, store.INPUT))
    try:
        with transaction.atomic():
            job.save(force_insert=True)
            work.defer_split(job)
    except BaseException:
        store.remove_all(company_id, job.pk)
        raise
    return job


def _settled(model: Model, source: TableFile, given: Mapping[str, str]) -> tuple[bool, dict[str, str]]:
    """Whether the file is answered as a whole, and its columns' other names. Raises InputInvalid, RecordInvalid."""
    if isinstance(model, SeriesModel):
        for chunk in islice(source.chunks(LOOK_ROWS), 1):
            model.columns_in(chunk.table)
        return True, {}
    if reads_purchases(model, source.columns):
        return True, {}
    return False, settle(source.columns, model.fields, given)


def renamed(mapping: dict[str, str]) -> list[str]:
    """A mapping in words."""
    return [f"Column {theirs!r} was taken for {ours!r}." for theirs, ours in mapping.items()]


def receive(
    *, company_id: int, path: Path, name: str, asked: Asked, sha256: str, again: bool = False
) -> tuple[BatchJob, bool]:
    """The job of the file, and whether it was there before: the one that it has, unless `again`, or a new one. A file
    that lacks columns is held, so that it need not be sent again. Raises what `take` raises."""
    job = None if again else same(company_id=company_id, sha256=sha256, asked=asked)
    if job is not None:
        return job, True
    try:
        return take(company_id=company_id, path=path, name=name, asked=asked, sha256=sha256), False
    except RecordInvalid:
        incoming.hold(company_id, path, sha256, name)
        raise


def with_hint(problem: RecordInvalid, sha256: str) -> RecordInvalid:
    """The same problems, and how to go on without sending the file again."""
    hint = FieldProblem("mapping", "required", f"The file is kept for an hour: send sha256={sha256} and a mapping.")
    return RecordInvalid([*problem.problems, hint])


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def same(*, company_id: int, sha256: str, asked: Asked) -> BatchJob | None:
    """The job of the very same file, asked for in the same way of the same model, unless it came to nothing."""
    rows = BatchJob.objects.filter(
        sha256=sha256,
        predictor=asked.predictor,
        model=pinned.pin(company_id, asked.predictor),
        explain=asked.explain,
        result_format=asked.result_format,
        status__in=[*OPEN, JobState.DONE],
    )
    wanted = asked.mapping.items()
    return next((job for job in rows.order_by("-created_at") if wanted <= job.mapping.items()), None)


@transaction.atomic
def remove(*, job_id: UUID) -> None:
    """Removes a job with its files, also while it runs: workers find it gone. Raises NotFound."""
    job: BatchJob | None = BatchJob.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        raise NotFound(NOT_THERE)
    company_id, place = job.company_id, job.pk
    job.delete()
    audit.record(audit.Event.DELETED, subject=f"upload:{place}")
    transaction.on_commit(lambda: store.remove_all(company_id, place))


def cancel(*, job_id: UUID) -> BatchJob:
    """Stops a job. Raises NotFound, and Conflict where it has ended."""
    found: BatchJob | None = BatchJob.objects.filter(pk=job_id).first()
    if found is None:
        raise NotFound(NOT_THERE)
    if not states.end(job_id=job_id, status=JobState.CANCELLED):
        raise Conflict("This upload has ended.")
    found.refresh_from_db()
    return found


def _keep(path: Path, place: str) -> None:
    with store.writing(place) as kept:
        try:
            os.link(path, kept)
        except OSError:  # another disk, or one that knows no links
            shutil.copyfile(path, kept)


__all__ = ["FORMATS", "Asked", "cancel", "digest", "receive", "remove", "renamed", "same", "take", "with_hint"]
