"""Files over HTTP: sent once, predicted whole, fetched by range, and nobody else's."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from file_uploads.batch import incoming, store
from file_uploads.models import BatchJob, JobState
from tests.api_gateway.asking import refused
from tests.conftest import ApiClient
from tests.file_uploads.batch.conftest import HEAD, Queue, doubling, queue, rows
from tests.stored import found
from users.events import AuditEvent
from users.models import Company

__all__ = ["doubling", "queue"]
UPLOAD = "/api/upload/"
pytestmark = pytest.mark.usefixtures("doubling")


def text(lines: list[list[str]], head: list[str] = HEAD) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([head, *lines])
    return written.getvalue().encode()


def send(client: ApiClient, content: bytes = b"", name: str = "leads.csv", **form: Any) -> Any:
    file = {"file": SimpleUploadedFile(name, content)} if content else {}
    return client.post(UPLOAD, {"predictor": "churn", **file, **form})


def whole(response: Any) -> bytes:
    return b"".join(response.streaming_content)


@pytest.fixture
def done(alice_api: ApiClient, queue: Queue) -> str:
    """The path of an upload that is done: ten rows, one of them rejected."""
    answer = send(alice_api, text(rows(10, bad=(3,))))
    assert answer.status_code == 202, answer.content
    queue.drain()
    return f"{UPLOAD}{answer.json()['id']}/"


def test_a_file_is_answered_with_its_job_and_then_with_its_results(done: str, alice_api: ApiClient) -> None:
    job = alice_api.get(done).json()
    assert (job["status"], job["rows_total"], job["rows_done"], job["rows_rejected"]) == ("done", 10, 9, 1)
    assert job["progress"] == 1
    assert job["results"] == f"{done}results/"
    results = alice_api.get(job["results"])
    lines = list(csv.reader(io.StringIO(whole(results).decode())))
    assert lines[0] == [*HEAD, "prediction_value"]
    assert len(lines) == 10
    assert 'filename="leads.results.csv"' in results["Content-Disposition"]
    rejects = list(csv.reader(io.StringIO(whole(alice_api.get(job["rejects"])).decode())))
    assert rejects == [["row", "column", "value", "reason"], ["3", "Amount due", "rubbish", "is not a number"]]


def test_a_part_of_the_results_is_given_where_a_range_is_asked(done: str, alice_api: ApiClient) -> None:
    path = f"{done}results/"
    full = whole(alice_api.get(path))
    for asked, first, last in (
        ("bytes=5-9", 5, 9),
        ("bytes=5-", 5, len(full) - 1),
        ("bytes=-4", len(full) - 4, len(full) - 1),
    ):
        part = alice_api.get(path, headers={"Range": asked})
        assert part.status_code == 206
        assert whole(part) == full[first : last + 1]
        assert part["Content-Range"] == f"bytes {first}-{last}/{len(full)}"
    outside = alice_api.get(path, headers={"Range": f"bytes={len(full)}-"})
    assert (outside.status_code, outside["Content-Range"]) == (416, f"bytes */{len(full)}")
    other = alice_api.get(path, headers={"Range": "bytes=0-3", "If-Range": '"another"'})
    assert (other.status_code, whole(other)) == (200, full)


def test_results_before_the_end_are_a_conflict(alice_api: ApiClient, queue: Queue) -> None:
    job = send(alice_api, text(rows(3))).json()
    assert (job["status"], job["results"]) == ("queued", None)
    refused(alice_api.get(f"{UPLOAD}{job['id']}/results/"), 409, "conflict")


def test_the_same_file_is_answered_with_the_same_job_unless_again(alice_api: ApiClient, queue: Queue) -> None:
    first = send(alice_api, text(rows(3))).json()["id"]
    assert send(alice_api, text(rows(3)), name="other.csv").json()["id"] == first
    assert send(alice_api, text(rows(3)), again="true").json()["id"] != first
    assert send(alice_api, text(rows(3)), format="parquet").json()["id"] != first
    assert send(alice_api, text(rows(4))).json()["id"] != first


def test_a_missing_column_is_told_at_once_with_how_to_go_on(alice_api: ApiClient, queue: Queue) -> None:
    content = text([["1", "4", "x"]], head=["id", "amount_owed", "name"])
    problems = refused(send(alice_api, content), 400)
    assert problems[0]["attr"] == "Amount due"
    assert not found(BatchJob)
    sha256 = problems[-1]["detail"].split("sha256=")[1].split()[0]
    job = send(alice_api, sha256=sha256, mapping='{"amount_owed": "Amount due"}')
    assert job.status_code == 202, job.content
    assert job.json()["mapping"] == {"amount_owed": "Amount due"}
    queue.drain()
    assert b"prediction_value" in whole(alice_api.get(f"{UPLOAD}{job.json()['id']}/results/"))


def test_a_file_that_is_held_for_alice_is_not_there_for_bob(
    alice_api: ApiClient, bob_api: ApiClient, queue: Queue
) -> None:
    problems = refused(send(alice_api, text([["1", "4"]], head=["id", "name"])), 400)
    sha256 = problems[-1]["detail"].split("sha256=")[1].split()[0]
    refused(send(bob_api, sha256=sha256), 404)
    refused(send(alice_api, sha256="../../etc/passwd"), 404)


def test_what_nobody_came_back_for_is_removed(
    alice: Company, alice_api: ApiClient, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(send(alice_api, text([["1", "4"]], head=["id", "name"])), 400)
    assert incoming.clean() == 0
    monkeypatch.setattr(incoming, "HELD_S", -60)
    assert incoming.clean() == 2
    assert store.names(alice.pk, incoming.HELD) == []


def test_it_can_be_cancelled_once(alice_api: ApiClient, queue: Queue) -> None:
    job = send(alice_api, text(rows(3))).json()["id"]
    assert alice_api.post(f"{UPLOAD}{job}/cancel/").json()["status"] == JobState.CANCELLED
    queue.drain()
    assert alice_api.get(f"{UPLOAD}{job}/").json()["status"] == JobState.CANCELLED
    refused(alice_api.post(f"{UPLOAD}{job}/cancel/"), 409, "conflict")


def test_it_can_be_removed_while_it_runs(
    alice: Company, alice_api: ApiClient, queue: Queue, django_capture_on_commit_callbacks: Any
) -> None:
    job = send(alice_api, text(rows(3))).json()["id"]
    with django_capture_on_commit_callbacks(execute=True):
        assert alice_api.delete(f"{UPLOAD}{job}/").status_code == 204
    assert store.names(alice.pk, job) == []
    queue.drain()
    refused(alice_api.get(f"{UPLOAD}{job}/"), 404)


def test_what_leaves_the_house_is_in_the_audit(done: str, alice_api: ApiClient) -> None:
    alice_api.get(f"{done}results/")
    assert [event.act for event in found(AuditEvent) if event.act == "data.exported"]


def test_formulas_do_not_come_back_alive(alice_api: ApiClient, queue: Queue) -> None:
    job = send(alice_api, text([["=cmd|' /C calc'!A0", "4", "@SUM(1)"]])).json()["id"]
    queue.drain()
    line = next(csv.reader(io.StringIO(whole(alice_api.get(f"{UPLOAD}{job}/results/")).decode().split("\r\n", 1)[1])))
    assert line[0].startswith("'=") and line[2].startswith("'@")


def test_the_list_is_narrowed_and_paged(done: str, alice_api: ApiClient, queue: Queue) -> None:
    send(alice_api, text(rows(3)))
    assert len(alice_api.get(UPLOAD).json()["results"]) == 2
    assert len(alice_api.get(UPLOAD, {"status": "done"}).json()["results"]) == 1
    refused(alice_api.get(UPLOAD, {"status": "strange"}), 400)
    assert alice_api.get(UPLOAD, {"page_size": 1}).json()["next"]


def test_the_file_is_never_in_memory_whole(alice_api: ApiClient, queue: Queue, tmp_path: Path) -> None:
    job = send(alice_api, text(rows(20_000))).json()
    with (tmp_path / "files" / str(found(BatchJob)[0].company_id) / job["id"] / "input").open("rb") as kept:
        assert kept.read() == text(rows(20_000))
    assert list(incoming.folder().iterdir()) == []
