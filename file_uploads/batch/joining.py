"""The chunks' results put together in the file's order, and counted before the job says done."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import UUID

import pyarrow.parquet as pq

from file_uploads.batch import states, store
from file_uploads.models import OPEN, BatchChunk, BatchJob, JobState
from platform_core.errors import PlatformError

COPY_BYTES = 1 << 20
REJECT_HEAD = b"row,column,value,reason\r\n"


def join(job_id: UUID) -> None:
    """Writes a job's results and rejects and ends it. Raises PlatformError where a row is missing."""
    job: BatchJob | None = BatchJob.objects.filter(pk=job_id, status__in=[*OPEN, JobState.DONE]).first()
    if job is None:
        return
    if job.status == JobState.DONE:  # by a worker that was killed before it had cleared up
        clear(job)
        return
    chunks = list(BatchChunk.objects.filter(job=job).order_by("number"))
    _check(job, chunks)
    with store.writing(_place(job, result_name(job))) as path:
        if job.result_format == "parquet":
            _join_parquet(job, chunks, path)
        else:
            _join_texts(job, chunks, path, ".csv")
    with store.writing(_place(job, store.REJECTS)) as path:
        _join_texts(job, chunks, path, ".rejects.csv")
    if states.end(job_id=job.pk, status=JobState.DONE, error=_told(chunks)):
        clear(job)


def result_name(job: BatchJob) -> str:
    """The name of a job's results in its folder."""
    return f"{store.RESULTS}.{job.result_format}"


def clear(job: BatchJob) -> None:
    """Removes what lay between the file and its results."""
    for name in store.names(job.company_id, job.pk):
        if name.startswith(("chunk-", "part-", ".")):
            store.remove(_place(job, name))


def _check(job: BatchJob, chunks: list[BatchChunk]) -> None:
    """Every row of the file is in one chunk, and every row of a chunk in its results or its rejects."""
    next_row = 1
    for number, chunk in enumerate(chunks, start=1):
        if chunk.number != number or chunk.first_row != next_row or chunk.rows != chunk.rows_done + chunk.rows_rejected:
            raise PlatformError(
                f"The rows of chunk {number} do not add up: chunk {chunk.number} ({chunk.state}) begins at row "
                f"{chunk.first_row} where {next_row} is next, and of its {chunk.rows} rows {chunk.rows_done} are done "
                f"and {chunk.rows_rejected} rejected."
            )
        next_row += chunk.rows
    counted = (sum(chunk.rows_done for chunk in chunks), sum(chunk.rows_rejected for chunk in chunks))
    if (job.rows_done, job.rows_rejected) != counted or job.rows_total != sum(counted) or next_row - 1 != sum(counted):
        told = (job.rows_total, job.rows_done, job.rows_rejected)
        raise PlatformError(f"The rows of the chunks, {counted}, do not add up to those of the file, {told}.")


def _told(chunks: list[BatchChunk]) -> str:
    aside = [chunk for chunk in chunks if chunk.error]
    if not aside:
        return ""
    return f"{len(aside)} of {len(chunks)} parts were set aside, their rows are among the rejects: {aside[0].error}"


def _place(job: BatchJob, name: str) -> str:
    return store.key(job.company_id, job.pk, name)


@contextmanager
def _parts(job: BatchJob, chunk: BatchChunk, ending: str) -> Iterator[Path]:
    with store.reading(_place(job, f"{chunk.part}{ending}")) as path:
        yield path


def _join_texts(job: BatchJob, chunks: list[BatchChunk], path: Path, ending: str) -> None:
    """Texts one after the other, with the line of names once."""
    rejects = ending != ".csv"
    with path.open("wb") as target:
        if rejects:
            target.write(REJECT_HEAD)
        first = True
        for chunk in chunks:
            if not rejects and chunk.error:
                continue
            with _parts(job, chunk, ending) as part, part.open("rb") as source:
                _skip_names(source, keep=first and not rejects, target=target)
                shutil.copyfileobj(source, target, COPY_BYTES)
            first = False


def _skip_names(source: IO[bytes], *, keep: bool, target: IO[bytes]) -> None:
    """Steps over the first record (a name may hold a line end within quotes)."""
    quotes, line = 0, b""
    while piece := source.readline():
        line += piece
        quotes += piece.count(b'"')
        if quotes % 2 == 0:
            break
    if keep:
        target.write(line)


def _join_parquet(job: BatchJob, chunks: list[BatchChunk], path: Path) -> None:
    writer: pq.ParquetWriter | None = None
    try:
        for chunk in chunks:
            if chunk.error:
                continue
            with _parts(job, chunk, ".parquet") as part:
                table = pq.read_table(part)
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table.cast(writer.schema))
    finally:
        if writer is not None:
            writer.close()


__all__ = ["clear", "join", "result_name"]
