"""A file that is predicted again and again: each turn once, in the company's own time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from file_uploads import schedules
from file_uploads.batch import store
from file_uploads.models import BatchJob, JobState, Schedule
from tests.api_gateway.asking import refused
from tests.conftest import ApiClient
from tests.file_uploads.batch.conftest import Queue, rows, taken, written
from tests.stored import changed, found
from users.models import Company

pytestmark = pytest.mark.usefixtures("doubling", "small_chunks")
PATH = "/api/schedules/"


@pytest.fixture
def job(alice: Company, queue: Queue, tmp_path: Path) -> BatchJob:
    """A file of Alice's that is done."""
    taken_in = taken(alice, written(tmp_path / "in.csv", rows(10)))
    queue.drain()
    return taken_in


def scheduled(api: ApiClient, job: BatchJob, **more: Any) -> Any:
    answer = api.post_json(PATH, {"name": "nightly", "upload": str(job.pk), "cron": "30 2 * * *", **more})
    assert answer.status_code == 201, answer.content
    return answer.json()


def let_come(schedule: Any, ago: timedelta = timedelta(days=3)) -> None:
    changed(Schedule, {"pk": schedule["id"]}, next_at=timezone.now() - ago)


def test_a_turn_that_is_due_predicts_the_file_once(alice_api: ApiClient, job: BatchJob, queue: Queue) -> None:
    made = scheduled(alice_api, job)
    assert schedules.run_due() == 0
    let_come(made)
    assert (schedules.run_due(), schedules.run_due()) == (1, 0), "three missed nights are one turn"
    queue.drain()
    now = alice_api.get(f"{PATH}{made['id']}/").json()
    again = found(BatchJob, pk=now["last_upload"])[0]
    assert (again.status, again.rows_done, again.name) == (JobState.DONE, 10, job.name)
    assert now["last_error"] is None and now["next_at"] > now["last_at"]


def test_two_schedulers_take_a_turn_once(alice_api: ApiClient, job: BatchJob) -> None:
    made = scheduled(alice_api, job)
    let_come(made)
    seen = found(Schedule, pk=made["id"])[0]
    assert (schedules._turn(seen), schedules._turn(seen)) == (True, False)
    assert len(found(BatchJob)) == 2


def test_a_file_that_is_gone_is_told_and_the_next_turn_stands(alice_api: ApiClient, job: BatchJob) -> None:
    made = scheduled(alice_api, job)
    store.remove_all(job.company_id, job.pk)
    let_come(made)
    assert schedules.run_due() == 1
    now = alice_api.get(f"{PATH}{made['id']}/").json()
    assert "Send it again" in now["last_error"]
    assert now["next_at"] > now["last_at"]


def test_a_schedule_that_is_off_has_no_turn_and_catches_none_up(alice_api: ApiClient, job: BatchJob) -> None:
    made = scheduled(alice_api, job, enabled=False)
    let_come(made)
    assert schedules.run_due() == 0
    path = f"{PATH}{made['id']}/"
    assert alice_api.patch(path, {"enabled": True}, content_type="application/json").status_code == 200
    assert schedules.run_due() == 0
    assert alice_api.delete(f"{PATH}{made['id']}/").status_code == 204
    refused(alice_api.get(f"{PATH}{made['id']}/"), 404)


def test_turns_are_in_the_companys_own_time() -> None:
    after = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert schedules.following("30 2 * * *", "Europe/Berlin", after) == datetime(2026, 7, 2, 0, 30, tzinfo=UTC)
    winter = datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert schedules.following("30 2 * * *", "Europe/Berlin", winter) == datetime(2026, 12, 2, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "cron", ["", "* * * * *", "*/5 * * * *", "0 2 31 2 *", "0 2 * *", "H 2 * * *", "60 2 * * *", 5]
)
def test_a_cron_that_comes_too_often_or_never_is_refused(alice_api: ApiClient, job: BatchJob, cron: Any) -> None:
    refused(alice_api.post_json(PATH, {"name": "n", "upload": str(job.pk), "cron": cron}), 400)


def test_bobs_schedules_are_his_own(alice_api: ApiClient, bob_api: ApiClient, job: BatchJob) -> None:
    made = scheduled(alice_api, job)
    assert bob_api.get(PATH).json()["results"] == []
    refused(bob_api.delete(f"{PATH}{made['id']}/"), 404)
