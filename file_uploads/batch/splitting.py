"""The file is read once and cut into chunks that any worker can take. Cutting again gives the same chunks, so that a
killed worker's successor begins anew and keeps what is there."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from uuid import UUID

from file_uploads.batch import states, store
from file_uploads.batch.chunk_files import write_chunk
from file_uploads.batch.named import Named
from file_uploads.models import BatchJob
from file_uploads.reading import TableFile, open_table
from platform_core.errors import FileRefused

PLAIN_ROWS = 50_000
EXPLAINED_ROWS = 2_000
"""Rows of a chunk, at most (wide rows are fewer: a chunk is bound in bytes too): some seconds of work, so that a killed
worker costs little and a small job waits little."""


def split(job_id: UUID) -> None:
    """Cuts a job's file, chunk by chunk, each handed on as soon as it is there. Raises FileRefused."""
    job = states.begin(job_id=job_id)
    if job is None or job.split:
        states.release(job_id=job_id)
        return
    if job.whole:
        states.add_chunk(job_id=job.pk, number=1, first_row=1, rows=0)
        states.end_split(job_id=job.pk, notes=job.notes)
        return
    with store.reading(store.key(job.company_id, job.pk, store.INPUT)) as path:
        _cut(job, path)


def _cut(job: BatchJob, file: Path) -> None:
    source = open_table(file, declared_name=job.name, max_bytes=None)
    there, rows, named = states.last_chunk(job_id=job.pk), 0, Named(job.company_id)
    for number, chunk in enumerate(source.chunks(_rows(job)), start=1):
        if number > there:
            place = store.key(job.company_id, job.pk, store.chunk_name(number))
            with store.writing(place) as path:
                write_chunk(chunk, path)
            if not states.add_chunk(job_id=job.pk, number=number, first_row=rows + 1, rows=chunk.count):
                store.remove(place)
                return  # cancelled or removed meanwhile
        rows += chunk.count
        named.add(chunk)
    if not rows:
        raise FileRefused(f"{source.name} has no rows.")
    named.keep(job)
    states.end_split(job_id=job.pk, notes=_notes(job, source))


def cut_again(job: BatchJob, number: int) -> None:
    """Writes a chunk that is gone anew, from the file. Raises FileNotFoundError where that is gone too."""
    with store.reading(store.key(job.company_id, job.pk, store.INPUT)) as file:
        chunks = open_table(file, declared_name=job.name, max_bytes=None).chunks(_rows(job))
        for chunk in islice(chunks, number - 1, number):
            with store.writing(store.key(job.company_id, job.pk, store.chunk_name(number))) as path:
                write_chunk(chunk, path)


def _rows(job: BatchJob) -> int:
    return EXPLAINED_ROWS if job.explain else PLAIN_ROWS


def _notes(job: BatchJob, source: TableFile) -> list[str]:
    return [*job.notes, *(note for note in source.notes if note not in job.notes)]


__all__ = ["EXPLAINED_ROWS", "PLAIN_ROWS", "cut_again", "split"]
