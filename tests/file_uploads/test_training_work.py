"""A worker and the process that trains for it: it is ended when late, unwanted, or with its worker."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from file_uploads import training_runs, training_work
from ml_services.models import RunState, TrainingRun
from platform_core.tenancy import company_in_force
from tests.file_uploads.trainings import Queue
from tests.stored import found, made
from users.models import Company

Spawned = list[subprocess.Popen[bytes]]


@pytest.fixture(autouse=True)
def _soon(alice: Company, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(training_work, "LOOK_S", 0.02)
    with company_in_force(alice.pk):
        yield


def working(run: TrainingRun, monkeypatch: pytest.MonkeyPatch, code: str, stopping: bool = False) -> TrainingRun:
    """The run after a worker has carried it out by such a process."""
    spawned: Spawned = []

    def spawn(_: TrainingRun) -> subprocess.Popen[bytes]:
        spawned.append(subprocess.Popen([sys.executable, "-c", code], start_new_session=True))
        return spawned[-1]

    monkeypatch.setattr(training_work, "_spawn", spawn)
    training_work.work(run.pk, stopping=lambda: stopping)
    assert all(process.poll() is not None for process in spawned), "no process is left"
    return now(run)


def now(run: TrainingRun) -> TrainingRun:
    row: TrainingRun = found(TrainingRun, pk=run.pk)[0]
    return row


@pytest.fixture
def run(alice: Company, queue: Queue) -> TrainingRun:
    """A run that waits."""
    row: TrainingRun = made(TrainingRun, company=alice, predictor="churn")
    return row


HANGS = "import time; time.sleep(60)"


def test_a_training_that_takes_too_long_is_ended_and_says_so(run: TrainingRun, monkeypatch: Any) -> None:
    monkeypatch.setattr(training_work, "SPARE_S", 0.2)
    ended = working(run, monkeypatch, HANGS)
    assert ended.state == RunState.FAILED
    assert "took longer" in ended.error


def test_a_process_that_dies_fails_the_run(run: TrainingRun, monkeypatch: Any) -> None:
    ended = working(run, monkeypatch, "import os; os.abort()")
    assert (ended.state, ended.error) == (RunState.FAILED, training_work.DIED)


def test_a_cancelled_training_ends_its_process(run: TrainingRun, monkeypatch: Any) -> None:
    monkeypatch.setattr(training_runs, "wanted", lambda run: not training_runs.end(
        run_id=run.pk, state=RunState.CANCELLED
    ))  # fmt: skip
    assert working(run, monkeypatch, HANGS).state == RunState.CANCELLED


@pytest.mark.parametrize(("code", "stopping"), [(HANGS, True), ("raise SystemExit(75)", False)], ids=["stop", "gone"])
def test_a_stopping_worker_and_a_lost_database_cost_no_attempt(
    run: TrainingRun, queue: Queue, monkeypatch: Any, code: str, stopping: bool
) -> None:
    waiting = working(run, monkeypatch, code, stopping)
    assert (waiting.state, waiting.attempt) == (RunState.QUEUED, 0)
    assert [one["run_id"] for one in queue] == [run.pk]


def test_a_worker_trains_one_model_at_a_time(run: TrainingRun, queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    with training_work._at_work:
        assert working(run, monkeypatch, HANGS).state == RunState.QUEUED
    assert [one["wait_s"] for one in queue] == [training_work.BUSY_WAIT_S]
