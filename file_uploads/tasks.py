"""The tasks of files: thin, each puts its company in force and calls the module that does the work.

What lies in the way for a while (database, disk, store) is tried again later and counts against nobody; what a chunk
does to the process that answers it is counted, and sets it aside in the end.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app

from file_uploads import training_runs, training_work
from file_uploads.batch import answering, joining, splitting, states, store
from file_uploads.batch.work import LOST_WAIT_S, is_small
from file_uploads.models import BatchChunk, BatchJob, JobState
from platform_core import env, jobs
from platform_core.errors import PlatformError
from platform_core.tenancy import company_in_force

log = logging.getLogger(__name__)
OUT_OF_MEMORY = "It ran out of memory. Send a file of smaller rows, or have WORKER_MEMORY_MB raised."
UNKNOWN = "Something went wrong on our side."
GONE = (
    "Files of this upload are no longer in the store of files, which somebody must have removed. Send the file again."
)
GONE_FOR_NOW = "Files of this upload are not in the store of files: waiting, and looking again."


@app.task(name="file_uploads.split_file", queue=jobs.BATCH, retry=jobs.Patience())
def split_file(company_id: int, job_id: str, lost: int = 0) -> None:
    """Cuts a file into chunks."""
    with company_in_force(company_id):
        _or_fail(UUID(job_id), splitting.split, "split_file", lost)


@app.task(name="file_uploads.join_results", queue=jobs.BATCH, retry=jobs.Patience())
def join_results(company_id: int, job_id: str, lost: int = 0) -> None:
    """Puts the results together."""
    with company_in_force(company_id):
        _or_fail(UUID(job_id), joining.join, "join_results", lost)


@app.task(name="file_uploads.answer_chunk", queue=jobs.BATCH, retry=jobs.Patience())
def answer_chunk(company_id: int, job_id: str, number: int) -> None:
    """Answers a chunk, unless somebody has."""
    with company_in_force(company_id):
        taken = states.start_chunk(job_id=UUID(job_id), number=number)
        if taken is not None:
            _answer(*taken)


def _answer(job: BatchJob, chunk: BatchChunk) -> None:
    work = work_of(job, chunk)
    limit = env.get("CHUNK_TIMEOUT_S") * (10 if job.whole else 1) + store.spare_s()
    try:
        answered = jobs.in_child(answering.answer, work, timeout_s=limit, first=is_small(job))
    except FileNotFoundError:
        _lost(job, chunk, work)
        return
    except OSError as problem:
        states.retry_chunk(chunk=chunk, wait_s=jobs.wait_s(chunk.attempt), failed=False, error=_told(problem))
        return
    except (PlatformError, MemoryError) as problem:
        _failed(chunk, work, getattr(problem, "detail", OUT_OF_MEMORY))
        return
    except Exception:
        log.exception("a chunk could not be answered")
        _failed(chunk, work, UNKNOWN)
        return
    _end(chunk, work, answered)


def _lost(job: BatchJob, chunk: BatchChunk, work: answering.Work) -> None:
    """The rows of a chunk are not where they were put. They are cut anew while the file is there; what stays away
    ends the job."""
    if not work.whole and store.chunk_name(chunk.number) not in store.names(job.company_id, job.pk):
        with suppress(FileNotFoundError, PlatformError):
            splitting.cut_again(job, chunk.number)
    if not states.retry_chunk(chunk=chunk, wait_s=LOST_WAIT_S, failed=True, error=GONE):
        states.end(job_id=job.pk, status=JobState.FAILED, error=GONE)


def _failed(chunk: BatchChunk, work: answering.Work, reason: str) -> None:
    """Tries again, or sets the chunk aside; a file that is answered whole has nothing beside it, and fails."""
    if states.retry_chunk(chunk=chunk, wait_s=jobs.wait_s(chunk.failures), failed=True, error=reason):
        return
    if work.whole:
        states.end(job_id=chunk.job_id, status=JobState.FAILED, error=reason)
        return
    limit = env.get("CHUNK_TIMEOUT_S") + store.spare_s()
    try:
        aside = jobs.in_child(answering.set_aside, work, reason, timeout_s=limit)
    except FileNotFoundError:
        states.end(job_id=chunk.job_id, status=JobState.FAILED, error=GONE)
        return
    _end(chunk, work, aside, reason)


def _told(problem: OSError) -> str:
    return f"{problem.strerror or 'The disk or the store is away'}: waiting, and trying again."


def _end(chunk: BatchChunk, work: answering.Work, answered: answering.Answered, error: str = "") -> None:
    taken = states.end_chunk(
        chunk=chunk,
        part=work.part,
        rows=answered.rows,
        done=answered.done,
        rejected=answered.rejected,
        notes=answered.notes,
        error=error,
    )
    if not taken:
        for ending in (f".{work.result_format}", ".rejects.csv"):
            store.remove(f"{work.place}{work.part}{ending}")


@app.task(name=training_runs.TASK, queue=jobs.TRAINING, retry=jobs.Patience(), pass_context=True)
def train(context: JobContext, company_id: int, run_id: int) -> None:
    """Trains a model."""
    with company_in_force(company_id):
        training_work.work(run_id, stopping=context.should_abort)


def work_of(job: BatchJob, chunk: BatchChunk) -> answering.Work:
    """What the child that answers a chunk is given."""
    return answering.Work(
        place=store.key(job.company_id, job.pk),
        number=chunk.number,
        part=store.part_name(chunk.number, chunk.attempt),
        result_format=job.result_format,
        model=job.model,
        mapping=job.mapping,
        explain=job.explain,
        whole=job.whole,
        name=job.name,
    )


def _or_fail(job_id: UUID, step: Callable[[UUID], None], task: str, lost: int) -> None:
    """Does a step of a job. What is wrong with the file ends the job and says so; so does a file that was `lost` too
    often, which means that it was not there."""
    try:
        step(job_id)
    except FileNotFoundError:
        if lost + 1 >= states.MOST_FAILURES:
            states.end(job_id=job_id, status=JobState.FAILED, error=GONE)
        else:
            states.look_again(job_id=job_id, task=task, lost=lost + 1, reason=GONE_FOR_NOW)
    except PlatformError as problem:
        states.end(job_id=job_id, status=JobState.FAILED, error=problem.detail)
    except OSError as problem:
        states.wait(job_id=job_id, reason=_told(problem))
        raise
    except jobs.PASSING:
        raise
    except MemoryError:
        states.end(job_id=job_id, status=JobState.FAILED, error=OUT_OF_MEMORY)
    except Exception:
        log.exception("a job failed")
        states.end(job_id=job_id, status=JobState.FAILED, error=UNKNOWN)


__all__ = ["answer_chunk", "join_results", "split_file", "train", "work_of"]
