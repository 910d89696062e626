"""A company with a model, a folder for its files, and a queue that the test empties by itself."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from file_uploads import tasks
from file_uploads.batch import intake, splitting, store
from file_uploads.models import BatchChunk, BatchJob
from ml_services import pinned
from ml_services.base import Model
from platform_core import jobs
from platform_core.tenancy import company_in_force
from tests.file_uploads.fakes import Doubling
from users.models import Company

HEAD = ["id", "Amount due", "name"]


class Queue(list[tuple[str, dict[str, Any]]]):
    """What was put into the queue, and how a worker would take it."""

    def drain(self, most: int = 1_000) -> None:
        """Does all tasks, also those that tasks put in."""
        for _ in range(most):
            if not self:
                return
            name, arguments = self.pop(0)
            getattr(tasks, name.removeprefix("file_uploads.")).func(**arguments)
        raise AssertionError("the queue never ends")


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    """Stands where the queue is; heavy work is done in this process."""
    waiting = Queue()

    def defer(task: str, *, queue: str, priority: int = 0, wait_s: float = 0.0, **arguments: Any) -> None:
        waiting.append((task, arguments))

    def in_child(function: Callable[..., Any], *arguments: Any, timeout_s: float, first: bool = False) -> Any:
        return function(*arguments)

    monkeypatch.setattr(jobs, "defer", defer)
    monkeypatch.setattr(jobs, "in_child", in_child)
    return waiting


@pytest.fixture
def doubling(monkeypatch: pytest.MonkeyPatch) -> Model:
    """The model that answers everybody: twice the amount."""
    model = Doubling()
    pin = {"predictor": "churn", "version": "v1", "company": None, "parts": []}
    monkeypatch.setattr(pinned, "pin", lambda company_id, name: pin)
    monkeypatch.setattr("file_uploads.batch.intake.serving.find", lambda company_id, name: _Slot(model))
    monkeypatch.setattr("file_uploads.batch.answering.model_of", lambda pin: model)
    return model


class _Slot:
    def __init__(self, model: Model) -> None:
        self.model = model


def rows(count: int, bad: tuple[int, ...] = ()) -> list[list[str]]:
    """Rows whose amount is their number; those of `bad` hold none."""
    return [[f"r{at}", "rubbish" if at in bad else str(at), f"n{at}"] for at in range(1, count + 1)]


def written(path: Path, lines: list[list[str]], head: list[str] = HEAD) -> Path:
    """A csv file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *lines])
    return path


def taken(company: Company, path: Path, **asked: Any) -> BatchJob:
    """A job of a company for a file."""
    with company_in_force(company.pk):
        return intake.take(company_id=company.pk, path=path, name=path.name, asked=intake.Asked("churn", **asked))


def now(job: BatchJob) -> BatchJob:
    """The job as it is by now."""
    with company_in_force(job.company_id):
        found: BatchJob = BatchJob.objects.get(pk=job.pk)
        return found


def texts(job: BatchJob, name: str) -> list[list[str]]:
    """A file of the job's, line by line."""
    path = store.local(store.key(job.company_id, job.pk, name))
    assert path is not None
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def chunks(job: BatchJob) -> list[BatchChunk]:
    """The job's chunks, in order."""
    with company_in_force(job.company_id):
        return list(BatchChunk.objects.filter(job=job))


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows a chunk."""
    monkeypatch.setattr(splitting, "PLAIN_ROWS", 10)
    monkeypatch.setattr("file_uploads.reading.MIN_BLOCK_BYTES", 100)
    monkeypatch.setattr("file_uploads.charsets.BLOCK_BYTES", 100)
