"""`manage.py jobs`: what is at work, what failed and why, tried again or cancelled by its operator."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from connectors.models import Delivery, DeliveryState
from file_uploads.models import BatchChunk, BatchJob, ChunkState, JobState
from ml_services.models import RunState, TrainingRun
from platform_core import jobs
from platform_core.errors import Conflict, InputInvalid, NotFound
from tests.stored import found, made
from users.models import Company

PIN: dict[str, Any] = {"predictor": "churn", "version": "v1", "company": None, "parts": []}
Queue = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    """What was put into the queue."""
    waiting: Queue = []
    monkeypatch.setattr(jobs, "defer", lambda task, **more: waiting.append({"task": task, **more}))
    return waiting


def told(*arguments: Any) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("jobs", *map(str, arguments), stdout=out)
    return out.getvalue()


def upload(company: Company, **values: Any) -> BatchJob:
    job: BatchJob = made(
        BatchJob, company=company, predictor="churn", model=PIN, name="in.csv", bytes=1, sha256="a" * 64, **values
    )
    return job


def test_all_kinds_of_all_companies_are_listed_with_their_errors(alice: Company, bob: Company) -> None:
    job = upload(alice, status=JobState.FAILED, error="no rows")
    run = made(TrainingRun, company=bob, predictor="clv", stage="fitting", progress=0.5)
    message = made(Delivery, company=bob, event="upload.done", url="https://x.example/", body="{}", last_error="503")
    lines = told("list").splitlines()
    assert [line.split()[:2] for line in lines[:3]] == [
        ["message", str(message.pk)], ["training", str(run.pk)], ["file", str(job.pk)],
    ]  # fmt: skip
    assert lines[2].endswith("no rows") and "alice" in lines[2]
    assert "fitting 50%" in lines[1]
    assert lines[-1].startswith("queue: ") and "Workers alive: 0." in lines[-1]


def test_a_company_and_a_state_narrow_the_list(alice: Company, bob: Company) -> None:
    mine, other = upload(alice, status=JobState.FAILED), upload(alice)
    theirs = upload(bob, status=JobState.FAILED)
    printed = told("--company", "alice", "--status", "failed")
    assert str(mine.pk) in printed
    assert str(other.pk) not in printed and str(theirs.pk) not in printed
    assert "There are no such jobs." in told("--company", "bob", "--status", "cancelled")


def test_a_file_is_shown_with_its_chunks_and_their_failures(alice: Company) -> None:
    job = upload(alice)
    for number, failures in ((1, 0), (2, 3)):
        state, error = (ChunkState.SET_ASIDE, "too slow") if failures else (ChunkState.DONE, "")
        where = {"job": job, "number": number, "first_row": 1, "rows": 0}
        made(BatchChunk, company=alice, **where, failures=failures, state=state, error=error)
    printed = told("show", job.pk)
    assert "1 done, 1 set_aside" in printed
    assert "chunk 2: set_aside, attempt 0, 3 failures: too slow" in printed


def test_files_and_trainings_are_cancelled_once(alice: Company) -> None:
    job, run = upload(alice), made(TrainingRun, company=alice, predictor="churn")
    for one in (job, run):
        assert "cancelled" in told("cancel", one.pk)
        with pytest.raises(Conflict):
            told("cancel", one.pk)
    assert found(TrainingRun, pk=run.pk)[0].state == RunState.CANCELLED


def test_a_message_that_failed_is_sent_again(alice: Company, queue: Queue) -> None:
    message = made(Delivery, company=alice, event="upload.done", url="https://x.example/", body="{}",
                   state=DeliveryState.FAILED)  # fmt: skip
    assert "pending" in told("retry", message.pk)
    assert [one["delivery_id"] for one in queue] == [str(message.pk)]


def test_what_cannot_be_tried_again_says_why(alice: Company) -> None:
    run = made(TrainingRun, company=alice, predictor="churn", state=RunState.FAILED)
    with pytest.raises(Conflict, match="Send it again"):
        told("retry", run.pk)
    with pytest.raises(Conflict, match="send it again"):
        told("retry", upload(alice, status=JobState.FAILED).pk)


def test_an_id_is_asked_for_and_must_be_known(alice: Company, bob: Company) -> None:
    with pytest.raises(InputInvalid):
        told("show")
    for mark in ("77777", "nonsense", "00000000-0000-4000-8000-000000000000"):
        with pytest.raises(NotFound):
            told("show", mark)
    with pytest.raises(NotFound):
        told("show", upload(alice).pk, "--company", "bob")
