"""One installation for all faults, workers that live on from test to test, and the undisturbed run to compare with."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import Error, connection

from file_uploads.batch import store
from file_uploads.models import OPEN, BatchJob, JobState
from ml_services.base import Model
from tests.faults.crew import Crew
from tests.faults.installation import Installation
from tests.file_uploads.batch.conftest import chunks, doubling, now, rows, taken, written
from users.models import Company
from users.services import create_company

LONG = os.environ.get("FAULTS") == "long"
ROWS = 200_000 if LONG else 160
BAD = (7, ROWS // 2)
PATIENCE_S = 3_600.0 if LONG else 90.0
KEPT = ["input", "people.bin", "rejects.csv", "results.csv"]
__all__ = ["doubling"]
TOLD: list[str] = []
"""What the runs counted, shown at the end."""
_names = itertools.count(1)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Shows the counts that docs/RELIABILITY.md holds."""
    for line in TOLD:
        terminalreporter.write_line(f"faults: {line}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs workers of its own comes last, so that the others need not be started twice."""
    items.sort(key=lambda item: "overloaded" in item.name)


@pytest.fixture(scope="session")
def place() -> Iterator[Installation]:
    """A database server and a folder of files, for all tests. Told to end, the tests end as by Ctrl-C, so that nothing
    is left behind."""
    in_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, signal.default_int_handler) if in_main else None
    made = Installation()
    yield made
    made.remove()
    if in_main:
        signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def crew(place: Installation, django_db_blocker: Any) -> Iterator[Crew]:
    """The workers; two are at their imports while the tables are made."""
    made = Crew(place)
    made.ready(2)
    with django_db_blocker.unblock():
        place.fill()
    yield made
    made.dismiss()


@dataclass
class Scene:
    """What a test of a fault works with."""

    place: Installation
    crew: Crew
    company: Company
    file: Path

    def submit(self, **asked: Any) -> BatchJob:
        """A job for the file that all jobs are about."""
        return taken(self.company, self.file, explain=LONG, **asked)

    def wait(self, what: Callable[[], Any], seconds: float = PATIENCE_S) -> Any:
        """Until it holds; a database that is away meanwhile is asked again."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                if found := what():
                    return found
            except Error:
                connection.close()
            time.sleep(0.05)
        raise AssertionError(f"nothing came of it within {seconds} s\n{self.crew.said()}")

    def begun(self, job: BatchJob, done: int = 1) -> None:
        """Waits until so many rows are counted."""
        self.wait(lambda: now(job).rows_done >= done)

    def ended(self, job: BatchJob) -> BatchJob:
        """Waits for the end of a job, and for the last of its files to be cleared away."""
        self.wait(lambda: now(job).status not in OPEN)
        self.wait(lambda: store.names(job.company_id, job.pk) == KEPT or now(job).status != JobState.DONE)
        return now(job)

    def results(self, job: BatchJob) -> list[bytes]:
        """The bytes of results and rejects."""
        found = []
        for name in ("results.csv", "rejects.csv"):
            with store.reading(store.key(job.company_id, job.pk, name)) as path:
                found.append(path.read_bytes())
        return found

    def check(self, job: BatchJob, undisturbed: list[bytes]) -> BatchJob:
        """The job has ended; its results are those of an undisturbed run, and every row is counted once."""
        done = self.ended(job)
        assert (done.status, done.error) == (JobState.DONE, ""), self.crew.said()
        assert (done.rows_total, done.rows_done, done.rows_rejected) == (ROWS, ROWS - len(BAD), len(BAD))
        assert sum(chunk.rows_done for chunk in chunks(job)) == done.rows_done
        assert self.results(job) == undisturbed
        return done

    def tell(self, what: str, job: BatchJob) -> None:
        """Keeps what a run counted."""
        mine, seconds = chunks(job), abs((now(job).ended_at - now(job).started_at).total_seconds()) % 3600
        attempts, failures = sum(chunk.attempt for chunk in mine), sum(chunk.failures for chunk in mine)
        counts = f"{now(job).rows_total:,} rows, {len(mine)} chunks, {attempts} attempts, {failures} counted failures"
        TOLD.append(f"{what}: {counts}, {seconds:.0f} s")


@pytest.fixture
def scene(
    place: Installation,
    crew: Crew,
    doubling: Model,
    settings: Any,
    django_db_blocker: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Scene]:
    """A company of the test's own, on the faults' installation."""
    settings.FILES_ROOT = place.files
    folder = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": place.files}}
    settings.STORAGES = {**settings.STORAGES, "files": folder}
    file = written(tmp_path / "in.csv", rows(ROWS, bad=BAD))
    with django_db_blocker.unblock(), place.connected():
        mark = f"faults-{next(_names)}"
        company, _ = create_company(name=mark, slug=mark, owner_email=f"{mark}@example.com", password="a-Long-pass-1")
        yield Scene(place, crew, company, file)


_undisturbed: list[bytes] = []


@pytest.fixture
def undisturbed(scene: Scene) -> list[bytes]:
    """The results of a run that nothing happened to; made once."""
    if not _undisturbed:
        scene.crew.ready(2)
        job = scene.submit()
        done = scene.ended(job)
        assert (done.status, done.error) == (JobState.DONE, ""), scene.crew.said()
        _undisturbed.extend(scene.results(job))
        assert _undisturbed[0].count(b"\n") == ROWS - len(BAD) + 1
    return _undisturbed
