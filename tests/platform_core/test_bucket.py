"""A bucket that is overloaded, slow or away is passing trouble; one that refuses is not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile

from platform_core import bucket, jobs
from platform_core.bucket import Bucket, StoreAway, passing
from tests.faults.bucket_server import BucketServer, bucket_server

KEYS = {"access_key": "testing", "secret_key": "testing"}
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture
def server() -> Iterator[BucketServer]:
    with bucket_server() as made:
        yield made


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "READ_S", 0.3)
    monkeypatch.setattr(bucket, "TRIES", 1)


def of(address: str) -> Any:
    return Bucket(bucket_name="files", endpoint_url=address, **KEYS)


def every_use(store: Any) -> list[Any]:
    """All that we ask of a store."""
    return [
        lambda: store.save("a/b", ContentFile(b"x")),
        lambda: store.open("a/b").read(),
        lambda: store.exists("a/b"),
        lambda: store.size("a/b"),
        lambda: store.listdir("a"),
        lambda: store.delete("a/b"),
    ]


def test_a_store_that_is_well_keeps_and_gives(server: BucketServer) -> None:
    store = of(server.address)
    store.save("a/b", ContentFile(b"four"))
    assert store.open("a/b").read() == b"four"
    assert (store.size("a/b"), store.exists("a/c"), store.listdir("a")) == (4, False, ([], ["b"]))
    with pytest.raises(FileNotFoundError):
        store.open("a/c")


@pytest.mark.parametrize("mode", ["busy", "slow"])
def test_every_use_of_an_overloaded_or_slow_store_is_passing_trouble(server: BucketServer, mode: str) -> None:
    store = of(server.address)
    store.save("a/b", ContentFile(b"four"))
    server.mode, server.slow_s = mode, 0.6
    for use in every_use(store):
        with pytest.raises(StoreAway) as told:
            use()
        assert isinstance(told.value, jobs.PASSING)


def test_an_object_that_cannot_be_fetched_after_it_was_found_is_passing_trouble(server: BucketServer) -> None:
    store = of(server.address)
    store.save("a/b", ContentFile(b"four"))
    opened = store.open("a/b")
    server.mode = "busy"
    with pytest.raises(StoreAway):
        opened.read()


def test_a_store_that_is_not_there_is_passing_trouble() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(StoreAway):
        of(f"http://127.0.0.1:{port}").exists("a/b")


def refusal(status: int, code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutObject")


@pytest.mark.parametrize(
    ("status", "code", "passes"),
    [
        (500, "", True), (503, "SlowDown", True), (429, "", True), (400, "RequestTimeout", True),
        (403, "AccessDenied", False), (404, "NoSuchBucket", False), (400, "InvalidRequest", False),
    ],
)  # fmt: skip
def test_only_what_may_pass_is_taken_for_it(status: int, code: str, passes: bool) -> None:
    with pytest.raises(StoreAway if passes else ClientError), passing():
        raise refusal(status, code)


def test_an_upload_that_failed_is_taken_by_its_cause() -> None:
    with pytest.raises(StoreAway), passing():
        raise S3UploadFailedError from refusal(503, "SlowDown")
    with pytest.raises(S3UploadFailedError), passing():
        raise S3UploadFailedError from refusal(403, "AccessDenied")
