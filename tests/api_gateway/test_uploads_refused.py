"""What is no file that can be predicted, or no form: a clear answer, and nothing kept."""

from __future__ import annotations

import gzip
import io
from typing import Any

import pytest

from file_uploads.batch import incoming
from file_uploads.models import BatchJob
from tests.api_gateway.asking import refused
from tests.api_gateway.test_uploads import UPLOAD, send, text
from tests.conftest import ApiClient
from tests.file_uploads.batch.conftest import Queue, doubling, queue, rows
from tests.stored import found

__all__ = ["doubling", "queue"]
pytestmark = pytest.mark.usefixtures("doubling")


@pytest.mark.parametrize(
    ("form", "attr"),
    [
        ({"predictor": "nothing"}, "predictor"), ({"mapping": "[1]"}, "mapping"),
        ({"mapping": '{"x": "name"}'}, "mapping"),
        ({"mapping": '{"id": "nothing"}'}, "mapping"), ({"explain": "maybe"}, "explain"), ({"format": "xml"}, "format"),
        ({"colour": "red"}, "colour"), ({"mapping": '{"id": "name", "name": "name"}'}, "mapping"),
        ({"mapping": '{"id": "Amount due"}'}, "mapping"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(form: dict[str, str], attr: str, alice_api: ApiClient, queue: Queue) -> None:
    problems = refused(send(alice_api, text(rows(2)), **form), 400)
    assert problems[0]["attr"] == attr
    assert not found(BatchJob)


def test_a_body_that_breaks_off_is_refused(alice_api: ApiClient, queue: Queue) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="predictor"\r\n\r\nchurn\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + text(rows(5))
    )
    answer = alice_api.generic(
        "POST",
        UPLOAD,
        body,
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(10 * 2**20),
        **{"wsgi.input": io.BytesIO(body)},
    )
    assert "breaks off" in refused(answer, 400)[0]["detail"]
    assert not found(BatchJob)


def test_a_file_over_the_limit_is_refused_while_it_comes_in(alice_api: ApiClient, queue: Queue, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 1000
    refused(send(alice_api, text(rows(500))), 413)
    assert list(incoming.folder().iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b" "), ("a.parquet", b"PAR1 but no more"), ("a.xlsx", b"PK\x03\x04 but no more"),
        ("a.pdf", b"%PDF-1.7 text"), ("a.csv", b"one\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f" * 50),
        ("a.csv.gz", gzip.compress(b"", mtime=0)), ("page.csv", b"<html><body>no</body></html>"),
        ("only.csv", b"id,name\n"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_gets_a_clear_answer(
    name: str, content: bytes, alice_api: ApiClient, queue: Queue
) -> None:
    problems = refused(send(alice_api, content, name=name), 400)
    assert len(problems[0]["detail"]) > 20
    assert not found(BatchJob)
