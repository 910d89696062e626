"""The pages of files: sent, followed, fetched, stopped, removed; by whose role allows it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from file_uploads.batch import incoming, store
from file_uploads.models import BatchJob, JobState
from platform_core.tenancy import company_in_force
from tests.api_gateway.test_uploads import text, whole
from tests.conftest import ApiClient
from tests.dashboard.test_views import text_of
from tests.file_uploads.batch.conftest import HEAD, Queue, doubling, queue, rows
from tests.stored import found
from users.events import AuditEvent
from users.models import Company

__all__ = ["doubling", "queue"]
LIST = "/files/"
FORM = {"predictor": "churn", "format": "csv"}
pytestmark = pytest.mark.usefixtures("doubling")


def send(client: Client, content: bytes, name: str = "leads.csv", **form: Any) -> Any:
    return client.post(LIST, {**FORM, "file": SimpleUploadedFile(name, content), **form})


@pytest.fixture
def sent(browser: Client, queue: Queue) -> str:
    """The page of a file of ten rows, one of them bad, that waits in the queue."""
    answer = send(browser, text(rows(10, bad=(3,))))
    assert answer.status_code == 302, text_of(answer)
    return str(answer["Location"])


def test_a_sent_file_leads_to_its_page_which_comes_anew_until_it_is_done(
    browser: Client, sent: str, queue: Queue
) -> None:
    waiting = browser.get(sent)
    assert waiting["Refresh"] == "3"
    assert "It is in the queue" in text_of(waiting)
    assert "/results/" not in text_of(waiting)
    queue.drain()
    done = browser.get(sent)
    assert "Refresh" not in done.headers
    assert f'href="{sent}results/"' in text_of(done)
    assert "alice@example.com" in text_of(done)
    assert list(incoming.folder().iterdir()) == []


def test_whether_removing_is_meant_is_asked_on_a_page_that_stays(browser: Client, sent: str) -> None:
    assert "Remove the file" not in text_of(browser.get(sent))
    asked = browser.get(f"{sent}?remove=1")
    assert "Remove the file" in text_of(asked)
    assert "Refresh" not in asked.headers


def test_how_far_it_is_stands_in_a_progress_bar(browser: Client, sent: str, alice: Company) -> None:
    with company_in_force(alice.pk):
        BatchJob.objects.update(status=JobState.RUNNING, rows_total=200, rows_done=40, rows_rejected=10)
    page = text_of(browser.get(sent))
    assert '<progress max="1" value="0.25"' in page
    assert "25.0 %" in page


def test_what_it_was_asked_for_is_kept(browser: Client, queue: Queue) -> None:
    send(browser, text(rows(2)), format="parquet", explain="on")
    (job,) = found(BatchJob)
    assert (job.result_format, job.explain, job.asker[:7]) == ("parquet", True, "person:")


def test_results_and_rejects_are_fetched_and_that_is_in_the_audit(browser: Client, sent: str, queue: Queue) -> None:
    queue.drain()
    lines = list(csv.reader(io.StringIO(whole(browser.get(f"{sent}results/")).decode())))
    assert (lines[0], len(lines)) == ([*HEAD, "prediction_value"], 10)
    answer = browser.get(f"{sent}rejects/")
    assert "rubbish" in whole(answer).decode()
    assert 'filename="leads.rejects.csv"' in answer["Content-Disposition"]
    events = [one for one in found(AuditEvent) if one.act == "data.exported"]
    assert [one.detail for one in events] == [{"rejects": False}, {"rejects": True}]


def test_results_before_the_end_lead_back_to_the_page(browser: Client, sent: str) -> None:
    answer = browser.get(f"{sent}results/", follow=True)
    assert "it has results once it is done" in text_of(answer)


def test_files_that_are_gone_are_not_offered(browser: Client, sent: str, queue: Queue) -> None:
    queue.drain()
    (job,) = found(BatchJob)
    store.remove_all(job.company_id, job.pk)
    assert "The files were removed" in text_of(browser.get(sent))
    assert browser.get(f"{sent}results/").status_code == 404


def test_results_that_are_gone_are_not_found_over_the_api(
    browser: Client, alice_api: ApiClient, sent: str, queue: Queue
) -> None:
    queue.drain()
    (job,) = found(BatchJob)
    store.remove_all(job.company_id, job.pk)
    assert alice_api.get(f"/api/upload/{job.pk}/results/").status_code == 404


def test_the_list_shows_each_file_and_what_became_of_it(browser: Client, sent: str, queue: Queue) -> None:
    queue.drain()
    page = text_of(browser.get(LIST))
    assert f'<a href="{sent}">leads.csv</a>' in page
    assert ">done</span>" in page
    assert '<a href="/files/" aria-current="page">' in page


def test_the_same_file_leads_to_the_page_it_has_unless_again(browser: Client, sent: str, queue: Queue) -> None:
    same = send(browser, text(rows(10, bad=(3,))))
    assert same["Location"] == sent
    assert "was sent before" in text_of(browser.get(sent))
    assert send(browser, text(rows(10, bad=(3,))), again="on")["Location"] != sent


def test_it_is_stopped_once(browser: Client, sent: str) -> None:
    assert "Stopped." in text_of(browser.post(sent, {"do": "cancel"}, follow=True))
    assert found(BatchJob)[0].status == JobState.CANCELLED
    assert "has ended" in text_of(browser.post(sent, {"do": "cancel"}, follow=True))


def test_it_is_removed_with_its_files(browser: Client, sent: str, django_capture_on_commit_callbacks: Any) -> None:
    job = found(BatchJob)[0]
    with django_capture_on_commit_callbacks(execute=True):
        assert "Removed: leads.csv" in text_of(browser.post(sent, {"do": "delete"}, follow=True))
    assert found(BatchJob) == []
    assert browser.get(sent).status_code == 404
    assert store.names(job.company_id, job.pk) == []
