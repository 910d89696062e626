"""Files that were kept for a job that never came to be."""

from __future__ import annotations

import os
import time
from pathlib import Path
from uuid import uuid4

import pytest

from file_uploads.batch import incoming, store, watching, work
from file_uploads.models import BatchJob, JobState
from platform_core import tasks
from tests.file_uploads.batch.conftest import Queue, rows, taken, written
from tests.stored import changed, found
from users.models import Company

pytestmark = pytest.mark.usefixtures("doubling")
OLD_S = incoming.HELD_S + 60


class Killed(BaseException):
    """Stands for the end of the web process."""


def kept(company: Company, folder: str) -> Path:
    """A file of a company's in the store, as something keeps it."""
    with store.writing(store.key(company.pk, folder, store.INPUT)) as path:
        path.write_text("a,b\n1,2\n")
    place = store.local(store.key(company.pk, folder))
    assert place is not None
    return place


def age(folder: Path, seconds: float = OLD_S) -> None:
    then = time.time() - seconds
    for path in [*folder.iterdir(), folder]:
        os.utime(path, (then, then))


def test_a_file_whose_job_was_never_saved_is_removed_after_an_hour(
    alice: Company, bob: Company, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(job: BatchJob) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(work, "defer_split", killed)
        patch.setattr(store, "remove_all", lambda company_id, job_id: None)  # a killed process clears nothing away
        with pytest.raises(Killed):
            taken(alice, written(tmp_path / "in.csv", rows(3)))
    (stray,) = (tmp_path / "files" / str(alice.pk)).iterdir()
    assert not found(BatchJob)
    assert incoming.clean_strays() == 0
    age(stray)
    tasks.clean_incoming.func(timestamp=0)
    assert not stray.exists()


def test_nothing_else_is_touched(alice: Company, bob: Company, queue: Queue, tmp_path: Path) -> None:
    job = taken(alice, written(tmp_path / "in.csv", rows(3)))
    others = [kept(alice, str(job.pk)), kept(alice, "training-0123456789abcdef"), kept(alice, "held"),
              kept(bob, "notes"), kept(bob, str(uuid4()).upper())]  # fmt: skip
    for folder in others:
        age(folder)
    assert incoming.folder().exists()
    assert incoming.clean_strays() == 0
    assert [folder.exists() for folder in others] == [True] * 5


def test_another_companys_job_keeps_no_folder(alice: Company, bob: Company, queue: Queue, tmp_path: Path) -> None:
    job = taken(alice, written(tmp_path / "in.csv", rows(3)))
    stray = kept(bob, str(job.pk))
    age(stray)
    assert incoming.clean_strays() == 1
    assert not stray.exists()
    assert store.names(alice.pk, job.pk) == [store.INPUT]


def test_an_old_file_that_was_linked_just_now_waits_for_its_job(alice: Company, queue: Queue) -> None:
    folder = kept(alice, str(uuid4()))
    age(folder)
    os.utime(folder)  # the file itself is old: a schedule links the one of its first job
    assert incoming.clean_strays() == 0
    assert folder.exists()


def test_what_is_answered_after_the_end_is_removed_within_the_hour(
    alice: Company, queue: Queue, tmp_path: Path
) -> None:
    job, failed = (
        taken(alice, written(tmp_path / "in.csv", rows(10))),
        taken(alice, written(tmp_path / "b.csv", rows(9))),
    )
    queue.drain()
    changed(BatchJob, {"pk": failed.pk}, status=JobState.FAILED)  # whose parts serve when it is taken up again
    for one in (job, failed):
        with store.writing(store.key(alice.pk, one.pk, "part-000001-1.csv")) as path:
            path.write_text("late")
    watching.tidy()
    assert store.names(alice.pk, job.pk) == ["input", "people.bin", "rejects.csv", "results.csv"]
    assert "part-000001-1.csv" in store.names(alice.pk, failed.pk)
