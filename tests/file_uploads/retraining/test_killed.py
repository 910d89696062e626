"""A training process that is really killed half-way: no half version anywhere, what it left goes, the round goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from file_uploads import training_runs, training_work
from file_uploads.retraining import rounds
from file_uploads.retraining.triggers import Trigger
from ml_services import artifacts
from ml_services.champions import orphans
from ml_services.models import ModelVersion, RunState, TrainingRun
from platform_core import priority
from platform_core.tenancy import company_in_force
from tests.file_uploads.retraining.conftest import AS_OF, Queued
from tests.ml_services.datasets.shop import filled
from tests.stored import found
from users.models import Company

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]
LONG_S = 60.0


@pytest.fixture
def run(
    alice: Company, queued: Queued, own_store: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[TrainingRun]:
    """A round that no worker has begun; the processes of the test work on its database and in its folders."""
    at = {name: quote(str(value), safe="") for name, value in connection.settings_dict.items() if name != "OPTIONS"}
    port = f":{at['PORT']}" if at["PORT"] else ""
    url = f"postgresql://{at['USER']}:{at['PASSWORD']}@{port}/{at['NAME']}?host={at['HOST']}"
    for name, value in {
        "DATABASE_URL": url,
        "MODELS_STORE": tmp_path / "models",
        "FILES_STORE": tmp_path / "files",
    }.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(rounds, "BUDGET_S", 4.0)
    filled(alice)
    with company_in_force(alice.pk):
        yield rounds.open_round(predictor="churn", trigger=Trigger("rows", "a test"), as_of=AS_OF, source="records")


def killed(process: subprocess.Popen[bytes], run: TrainingRun) -> str:
    """The stage in which the process was killed, beyond reading."""
    until = time.monotonic() + LONG_S
    while time.monotonic() < until and process.poll() is None:
        stage = now(run).stage
        if stage not in ("", "starting", "reading"):
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            return str(stage)
        time.sleep(0.01)
    raise AssertionError(f"it ended before it was killed: {now(run).state} {now(run).error}")


def now(run: TrainingRun) -> TrainingRun:
    row: TrainingRun = found(TrainingRun, pk=run.pk)[0]
    return row


def aged(folder: Path) -> None:
    """As if everything in it had been written two hours ago."""
    for path in folder.rglob("*"):
        os.utime(path, (time.time() - 7200,) * 2)


def test_killed_with_its_worker_it_leaves_nothing_and_the_next_worker_ends_it(
    alice: Company, run: TrainingRun, queued: Queued, tmp_path: Path
) -> None:
    begun = training_runs.begin(run_id=run.pk)
    assert begun is not None
    process = training_work._spawn(begun)
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == priority.BEHIND
    assert killed(process, run)
    assert found(ModelVersion) == []
    assert list((tmp_path / "models").rglob("*.joblib")) == []
    assert now(run).state == RunState.RUNNING, "nobody is left to say what became of it"
    # What a process leaves that is killed a little later, between its model and its row.
    artifacts.save(company_id=alice.pk, predictor="churn", version="half", trained=_trained())
    aged(tmp_path / "models")
    assert orphans.clean() == 1

    queued.clear()
    assert training_runs.resume() == 1
    training_work.work(queued[0]["run_id"], stopping=lambda: False)
    ended = now(run)
    assert (ended.state, ended.attempt, ended.error) == (RunState.DONE, 2, "")
    (version,) = found(ModelVersion)
    assert (version.pk, version.serving) == (ended.version_id, True)
    aged(tmp_path / "models")
    assert orphans.clean() == 0, "a version's own files are never touched"


def test_killed_under_its_worker_it_fails_with_that_reason(
    alice: Company, run: TrainingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    spawn = training_work._spawn

    def killing(begun: TrainingRun) -> subprocess.Popen[bytes]:
        process = spawn(begun)
        killed(process, begun)
        return process

    monkeypatch.setattr(training_work, "_spawn", killing)
    training_work.work(run.pk, stopping=lambda: False)
    ended = now(run)
    assert (ended.state, ended.error) == (RunState.FAILED, training_work.DIED)
    assert found(ModelVersion) == []
    assert training_runs.resume() == 0


def _trained() -> Any:
    from tests.ml_services.fakes import trained

    return trained()
