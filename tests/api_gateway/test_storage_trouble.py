"""A store of files that is away or full while somebody waits: 503, when to come again, nothing kept."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import UnreadablePostError
from django.test import Client

from api_gateway.problems import answer
from file_uploads.batch import incoming, receiving
from file_uploads.models import BatchJob
from ml_services.models import TrainingRun
from platform_core import bucket
from tests.api_gateway.asking import refused
from tests.api_gateway.test_uploads import UPLOAD, send, text
from tests.conftest import ApiClient
from tests.faults.bucket_server import BucketServer, bucket_server
from tests.file_uploads.batch.conftest import Queue, doubling, queue, rows
from tests.stored import found
from users.models import Company

__all__ = ["doubling", "queue"]
TRAIN = "/api/models/churn/train/"
pytestmark = [
    pytest.mark.usefixtures("doubling"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[BucketServer]:
    """The files are in a bucket."""
    monkeypatch.setattr(bucket, "READ_S", 0.3)
    monkeypatch.setattr(bucket, "TRIES", 1)
    with bucket_server() as made:
        keys = {"access_key": "testing", "secret_key": "testing"}
        options = {"bucket_name": "files", "endpoint_url": made.address, "file_overwrite": True, **keys}
        store = {"BACKEND": "platform_core.bucket.Bucket", "OPTIONS": options}
        settings.STORAGES = {**settings.STORAGES, "files": store}
        yield made


def told(response: Any, code: str) -> str:
    """What a refusal for the store says."""
    assert int(response["Retry-After"]) > 0
    return str(refused(response, 503, code)[0]["detail"])


def train(client: ApiClient) -> Any:
    return client.post(TRAIN, {"file": SimpleUploadedFile("a.csv", text(rows(5))), "target": "name"})


def test_a_bucket_that_is_away_is_said_and_nothing_is_kept(
    server: BucketServer, alice_api: ApiClient, queue: Queue
) -> None:
    server.mode = "busy"
    assert "does not answer" in told(send(alice_api, text(rows(3))), "store_unavailable")
    told(send(alice_api, text([["1", "4"]], head=["id", "name"])), "store_unavailable")  # which is to be held
    told(send(alice_api, sha256="0" * 64), "store_unavailable")
    told(train(alice_api), "store_unavailable")
    assert not found(BatchJob)
    assert not found(TrainingRun)
    assert queue == []
    assert list(incoming.folder().iterdir()) == []
    server.mode = ""
    assert send(alice_api, text(rows(3))).status_code == 202


def test_pages_say_that_the_bucket_is_away(
    server: BucketServer, alice: Company, alice_api: ApiClient, queue: Queue
) -> None:
    client = Client()
    assert client.login(username="alice@example.com", password="a-Long-pass-1")
    job = send(alice_api, text(rows(3))).json()["id"]
    queue.drain()
    server.mode = "busy"
    form = {"predictor": "churn", "format": "csv", "file": SimpleUploadedFile("b.csv", text(rows(4)))}
    for page in (client.post("/files/", form), client.get(f"/files/{job}/")):
        assert page.status_code == 503
        assert int(page["Retry-After"]) > 0
        assert "does not answer for now" in page.content.decode()
    assert len(found(BatchJob)) == 1


def test_a_job_of_a_bucket_that_is_away_can_be_asked_for(
    server: BucketServer, alice_api: ApiClient, queue: Queue
) -> None:
    job = send(alice_api, text(rows(3))).json()["id"]
    queue.drain()
    server.mode = "busy"
    assert alice_api.get(f"{UPLOAD}{job}/").json()["status"] == "done"
    assert alice_api.get(f"{UPLOAD}{job}/results/").status_code == 302  # the bucket's own address


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes in goes to a disk without room."""

    made = tempfile.NamedTemporaryFile

    def opened(**options: Any) -> Any:
        file = made(**options)
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, file.fileno())
        os.close(full)
        return file

    monkeypatch.setattr(receiving, "tempfile", SimpleNamespace(NamedTemporaryFile=opened))


@pytest.mark.parametrize("count", [3, 20_000])
def test_a_full_disk_is_said_and_nothing_is_kept(
    count: int, alice_api: ApiClient, queue: Queue, full_disk: None
) -> None:
    said = told(send(alice_api, text(rows(count))), "storage_full")
    assert "no room" in said
    assert "operator" in said
    assert not found(BatchJob)
    assert list(incoming.folder().iterdir()) == []


def test_a_page_says_that_the_disk_is_full(alice: Company, queue: Queue, full_disk: None) -> None:
    client = Client()
    assert client.login(username="alice@example.com", password="a-Long-pass-1")
    form = {"predictor": "churn", "format": "csv", "file": SimpleUploadedFile("b.csv", text(rows(20_000)))}
    page = client.post("/files/", form)
    assert page.status_code == 503
    assert "no room" in page.content.decode()
    assert list(incoming.folder().iterdir()) == []


@pytest.mark.parametrize("path", [UPLOAD, TRAIN])
def test_a_disk_that_fills_up_while_the_file_is_kept_is_said(
    path: str, alice_api: ApiClient, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*names: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("file_uploads.batch.store._settle", full)
    told(train(alice_api) if path == TRAIN else send(alice_api, text(rows(3))), "storage_full")
    assert not found(BatchJob)
    assert not found(TrainingRun)
    assert not connection.needs_rollback


def test_what_is_no_trouble_of_storage_stays_a_fault_of_ours(db: None) -> None:
    assert answer(PermissionError(13, "Permission denied"), {}).status_code == 500
    assert answer(UnreadablePostError("gone"), {}).status_code == 400
