"""What the pages of files refuse: what is no table, a form of another site, whoever may not."""

from __future__ import annotations

import io
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from file_uploads.batch import incoming
from file_uploads.models import BatchJob, JobState
from platform_core.tenancy import company_in_force
from tests.api_gateway.test_uploads import text
from tests.dashboard.test_uploads import LIST, send, sent
from tests.dashboard.test_views import text_of
from tests.file_uploads.batch.conftest import Queue, doubling, queue, rows
from tests.stored import found
from users.models import Company, Membership, Role

__all__ = ["doubling", "queue", "sent"]
pytestmark = pytest.mark.usefixtures("doubling")


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [(b"", "a.csv", "empty"), (b"%PDF-1.7 nothing", "a.pdf", "wrong"), (b"PK\x03\x04broken", "a.xlsx", "wrong")],
)
def test_what_is_no_table_is_told_beside_the_file(
    content: bytes, name: str, said: str, browser: Client, queue: Queue
) -> None:
    answer = send(browser, content, name)
    assert answer.status_code == 200
    assert 'class="bad"' in text_of(answer)
    assert said in text_of(answer)
    assert found(BatchJob) == []
    assert list(incoming.folder().iterdir()) == []


@pytest.mark.parametrize("form", [{"predictor": "nothing"}, {"format": "xml"}, {"predictor": "a\0b"}, {"file": "text"}])
def test_a_wrong_choice_sends_nothing(form: dict[str, str], browser: Client, queue: Queue) -> None:
    answer = send(browser, text(rows(2)), **form)
    assert 'class="bad"' in text_of(answer)
    assert found(BatchJob) == []


def test_a_file_over_the_limit_is_told_and_not_kept(browser: Client, queue: Queue, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 1000
    answer = send(browser, text(rows(500)))
    assert "larger than" in text_of(browser.get(answer["Location"]))
    assert list(incoming.folder().iterdir()) == []


def test_a_body_that_breaks_off_is_told_and_not_kept(browser: Client, queue: Queue) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + text(rows(5))
    long: Any = {"CONTENT_LENGTH": str(10 * 2**20), "wsgi.input": io.BytesIO(body)}
    answer = browser.generic("POST", LIST, body, content_type="multipart/form-data; boundary=x", **long)
    assert "breaks off" in text_of(browser.get(answer["Location"]))
    assert list(incoming.folder().iterdir()) == []


def test_a_form_of_another_site_sends_stops_and_removes_nothing(alice: Company, sent: str) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.login(username="alice@example.com", password="a-Long-pass-1")
    assert send(client, text(rows(3))).status_code == 403
    for do in ("cancel", "delete"):
        assert client.post(sent, {"do": do}).status_code == 403
    assert [job.status for job in found(BatchJob)] == [JobState.QUEUED]
    assert list(incoming.folder().iterdir()) == []


def test_the_forms_own_mark_lets_a_file_in(alice: Company, browser: Client, queue: Queue) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.login(username="alice@example.com", password="a-Long-pass-1")
    client.get(LIST)
    mark = client.cookies["csrftoken"].value
    assert send(client, text(rows(3)), csrfmiddlewaretoken=mark).status_code == 302
    assert len(found(BatchJob)) == 1


def test_who_may_only_look_sends_nothing(browser: Client, alice: Company, sent: str, queue: Queue) -> None:
    with company_in_force(alice.pk):
        Membership.objects.update(role=Role.VIEWER)
    queue.drain()
    page = text_of(browser.get(LIST))
    assert 'type="file"' not in page
    assert "Remove it" not in text_of(browser.get(sent))
    assert browser.get(f"{sent}results/").status_code == 200
    assert send(browser, text(rows(3))).status_code == 403
    assert browser.post(sent, {"do": "delete"}).status_code == 403
    assert browser.get("/files/columns/").status_code == 403
    assert len(found(BatchJob)) == 1


def test_nobody_is_sent_to_sign_in(db: None) -> None:
    for path in (LIST, f"{LIST}{uuid4()}/", f"{LIST}{uuid4()}/results/", "/files/columns/"):
        assert Client().get(path)["Location"].startswith("/sign-in/")


def test_bob_sees_stops_and_fetches_nothing_of_alices(sent: str, bob: Company, queue: Queue) -> None:
    queue.drain()
    client = Client()
    assert client.login(username="bob@example.com", password="b-Long-pass-2")
    assert "leads.csv" not in text_of(client.get(LIST))
    for path in (sent, f"{sent}results/", f"{sent}rejects/"):
        assert client.get(path).status_code == 404
    assert client.post(sent, {"do": "delete"}).status_code == 404
    assert len(found(BatchJob)) == 1
