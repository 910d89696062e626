"""Who sent a file or started a training is told by letter when it has ended, where their company wishes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from file_uploads import training_runs
from file_uploads.batch import states
from file_uploads.models import BatchJob, JobState
from ml_services.models import RunState, TrainingRun
from platform_core.tenancy import company_in_force
from tests.stored import made
from tests.users.people import member
from users import company_settings, endings
from users.models import Company, Membership, Role

PIN: dict[str, Any] = {"predictor": "churn", "version": "v1", "company": None, "parts": []}


@pytest.fixture(autouse=True)
def _wished(alice: Company) -> Iterator[None]:
    with company_in_force(alice.pk):
        company_settings.change(company_id=alice.pk, given={"notify_by_email": True})
        yield


@pytest.fixture
def ann(alice: Company) -> Membership:
    """Who sends the files."""
    return member(alice, Role.ANALYST, "ann@alice.example")


def told(company: Company, asker: str, **more: Any) -> bool:
    facts = {"what": "Your file", "name": "in.csv", "status": "done", "said": "3 rows", "path": "/", **more}
    return endings.tell(company_id=company.pk, asker=asker, **facts)


def test_a_file_and_a_training_that_end_are_told_to_who_began_them(
    alice: Company, ann: Membership, mailoutbox: list[Any]
) -> None:
    mark = f"person:{ann.user_id}"
    job = made(
        BatchJob, company=alice, predictor="churn", model=PIN, name="in.csv", bytes=1, sha256="a" * 64, asker=mark
    )
    states.end(job_id=job.pk, status=JobState.FAILED, error="The file has no rows.")
    asked = {"asker": ["person", ann.user_id], "folder": "training-x"}
    run = made(TrainingRun, company=alice, predictor="churn", asked=asked)
    training_runs.end(run_id=run.pk, state=RunState.DONE)
    assert [letter.to for letter in mailoutbox] == [["ann@alice.example"]] * 2
    assert [letter.subject for letter in mailoutbox] == ["Your file in.csv: failed", "Your training churn: done"]
    assert "The file has no rows." in mailoutbox[0].body
    assert "The file has no rows." in mailoutbox[0].alternatives[0][0]


def test_who_cancels_and_programs_and_strangers_get_no_letter(
    alice: Company, bob: Company, ann: Membership, mailoutbox: list[Any]
) -> None:
    theirs = member(bob, Role.OWNER, "bert@bob.example")
    assert not told(alice, f"person:{ann.user_id}", status="cancelled")
    for mark in ("", "key:1", f"person:{theirs.user_id}", "person:", "person:x"):
        assert not told(alice, mark)
    ann.delete()
    assert not told(alice, f"person:{ann.user_id}")
    assert mailoutbox == []


def test_nobody_is_written_to_where_the_company_does_not_wish_it(
    alice: Company, ann: Membership, mailoutbox: list[Any]
) -> None:
    assert told(alice, f"person:{ann.user_id}")
    company_settings.change(company_id=alice.pk, given={"notify_by_email": False})
    assert not told(alice, f"person:{ann.user_id}")
    assert len(mailoutbox) == 1


def test_a_files_name_makes_no_header(alice: Company, ann: Membership, mailoutbox: list[Any]) -> None:
    assert told(alice, f"person:{ann.user_id}", name="a\r\nBcc: x@example.com <b>")
    assert mailoutbox[0].subject == "Your file a Bcc: x@example.com <b>: done"
    assert "<b>: done" not in mailoutbox[0].alternatives[0][0]
