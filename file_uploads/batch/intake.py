"""A file comes in: looked at, kept, and its job and work saved together."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from file_uploads.batch import store, work
from file_uploads.batch.mapping import settle
from file_uploads.models import BatchJob
from file_uploads.purchases import reads_purchases
from file_uploads.reading import open_table
from ml_services import pinned, serving
from ml_services.forecasting.model import SeriesModel

FORMATS = ("csv", "parquet")


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
    source = open_table(path, declared_name=name, max_bytes=None)
    whole = isinstance(model, SeriesModel) or reads_purchases(model, source.columns)
    mapping = {} if whole else settle(source.columns, model.fields, asked.mapping)
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
        notes=[f"Column {theirs!r} was taken for {ours!r}." for theirs, ours in mapping.items()],
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


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _keep(path: Path, place: str) -> None:
    with store.writing(place) as kept:
        shutil.copyfile(path, kept)


__all__ = ["FORMATS", "Asked", "digest", "take"]
