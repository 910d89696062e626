"""An erasure reaches the files of batch jobs: those that name the person, whole, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from file_uploads.batch import named, store
from file_uploads.models import BatchJob
from tests.file_uploads.batch.conftest import Queue, rows, taken, written
from tests.stored import found
from users import erasure
from users.models import Company, ErasureReceipt

ANN = "ann@example.com"
pytestmark = pytest.mark.usefixtures("doubling", "small_chunks")


def naming(at: int, text: str) -> list[list[str]]:
    """Rows of which one names somebody."""
    return [[*row[:2], text] if place == at else row for place, row in enumerate(rows(30), start=1)]


def erased(company: Company, commit: Any, email: str = ANN) -> ErasureReceipt:
    with commit(execute=True):
        return erasure.erase(company_id=company.pk, email=email)


@pytest.mark.parametrize("text", ["Ann@Example.com", "by ann@example.com.", "<ann@example.com>"])
def test_the_files_of_a_job_that_names_her_go(
    alice: Company, queue: Queue, tmp_path: Path, text: str, django_capture_on_commit_callbacks: Any
) -> None:
    hers = taken(alice, written(tmp_path / "hers.csv", naming(17, text)))
    other = taken(alice, written(tmp_path / "other.csv", naming(17, "joann@example.com")))
    queue.drain()
    shown = erasure.export(company_id=alice.pk, email=ANN)["held"]["files"]
    assert [one["job"] for one in shown] == [str(hers.pk)]
    receipt = erased(alice, django_capture_on_commit_callbacks)
    assert receipt.erased["files"] == {"batch_jobs": 1}
    assert store.names(alice.pk, hers.pk) == []
    assert "results.csv" in store.names(alice.pk, other.pk)
    assert [row.pk for row in found(BatchJob)] == [other.pk]
    assert erased(alice, django_capture_on_commit_callbacks).erased["files"] == {"batch_jobs": 0}


def test_a_job_that_has_not_ended_is_stopped(
    alice: Company, queue: Queue, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    job = taken(alice, written(tmp_path / "in.csv", naming(3, ANN)))
    receipt = erased(alice, django_capture_on_commit_callbacks)
    assert receipt.erased["files"] == {"batch_jobs": 1}
    queue.drain()
    assert found(BatchJob) == []
    assert store.names(alice.pk, job.pk) == []


def test_a_row_that_cannot_be_read_names_people_too(
    alice: Company, queue: Queue, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    path = tmp_path / "in.csv"
    lines = ["id,Amount due,name", *(f"r{at},{at},n{at}" for at in range(20)), f"r,1,x,{ANN},more,cells", "r21,1,n"]
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    taken(alice, path)
    queue.drain()
    assert erased(alice, django_capture_on_commit_callbacks).erased["files"] == {"batch_jobs": 1}


def test_bobs_files_stay(
    alice: Company, bob: Company, queue: Queue, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    job = taken(bob, written(tmp_path / "in.csv", naming(3, ANN)))
    queue.drain()
    assert erased(alice, django_capture_on_commit_callbacks).erased["files"] == {"batch_jobs": 0}
    assert "results.csv" in store.names(bob.pk, job.pk)


def test_what_lies_beside_the_file_names_nobody(alice: Company, queue: Queue, tmp_path: Path) -> None:
    job = taken(alice, written(tmp_path / "in.csv", naming(3, ANN)))
    queue.drain()
    kept = store.local(store.key(alice.pk, job.pk, named.PEOPLE))
    assert kept is not None
    assert len(kept.read_bytes()) == 8
