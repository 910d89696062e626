"""Odd files through the upload: each is refused with what is wrong, or comes back whole, its odd rows told apart."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from file_uploads import tasks
from file_uploads.batch import incoming, store
from file_uploads.models import BatchJob
from ml_services.forecasting.model import SeriesModel
from tests.api_gateway import odd_files as odd
from tests.api_gateway.asking import refused
from tests.api_gateway.odd_files import HEAD, MB, csv_of
from tests.api_gateway.test_uploads import UPLOAD, send, whole
from tests.conftest import ApiClient
from tests.file_uploads.batch.conftest import Queue, doubling, queue
from tests.stored import found
from users.models import Company

__all__ = ["doubling", "queue"]
pytestmark = pytest.mark.usefixtures("doubling")

REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a gzip bomb": ("a.csv.gz", odd.gzip_bomb, "no table packs like that"),
    "a zip bomb": ("a.xlsx", odd.zip_bomb, "more than is read of a workbook"),
    "a zip bomb that lies about its size": (
        "a.xlsx",
        lambda: odd.replaced(odd.with_macros(), odd.SHEET, b" " * (70 * MB), claimed=1_000),
        "damaged",
    ),
    "a zip bomb within a gzip bomb": ("a.gz", lambda: gzip.compress(odd.zip_bomb()), "not a text file"),
    "a Parquet bomb": ("a.parquet", odd.parquet_bomb, "no table packs like that"),
    "a gzip file that breaks off": ("a.csv.gz", lambda: gzip.compress(csv_of(b"r1,4,n") * 99)[:-9], "breaks off"),
    "100,000 columns": ("a.csv", odd.wide, "100,000 columns"),
    "a first line of 17 MB": ("a.csv", lambda: b"x" * (17 * MB), "longer than 16 MB"),
    "names twice": ("a.csv", lambda: b"name,name,Amount due\n1,2,3\n", "2 columns called 'name'"),
    "a NUL byte in a name": ("a.csv", lambda: b"na\0me,Amount due,name\n1,2,3\n", "NUL byte"),
    "column names only": ("a.csv", lambda: HEAD, "no rows"),
    "column names only in a sheet": ("a.xlsx", lambda: odd.workbook([["id", "Amount due", "name"]]), "no rows"),
    "columns only in Parquet": ("a.parquet", lambda: odd.parquet_of(name=odd.pa.array([], "string")), "no rows"),
    "a sheet without values": ("a.xlsx", lambda: odd.workbook([]), "no values"),
    "line ends only": ("a.csv", lambda: b"\r\n\r\n", "nothing but blanks"),
    "half a Parquet file": ("a.parquet", lambda: odd.nested_parquet()[:-40], "damaged"),
    "half a workbook": ("a.xlsx", lambda: odd.with_formulas()[:-40], "damaged"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused_with_what_is_wrong(
    name: str, content: Callable[[], bytes], said: str, alice_api: ApiClient, queue: Queue
) -> None:
    problems = refused(send(alice_api, content(), name=name), 400, "invalid_file")
    assert said in problems[0]["detail"]
    assert name in problems[0]["detail"]
    assert not found(BatchJob)
    assert list(incoming.folder().iterdir()) == []


TAKEN: dict[str, tuple[str, Callable[[], bytes], int, list[tuple[str, str]]]] = {
    "broken off in mid-quote": ("a.csv", lambda: csv_of(b"r1,4,n", b"r2,5,n") + b'r3,6,"and then', 2,
                                [("3", "the row")]),
    "NUL bytes": ("a.csv", lambda: csv_of(b"r1,4,n", b"r2,5,a\0b", b"r3,6,n"), 2, [("2", "holds a NUL byte")]),
    "two encodings": ("a.csv", lambda: csv_of("r1,4,Łódź".encode(), "r2,5,Zürich".encode("cp1252")), 2, []),
    "UTF-16": ("a.csv", lambda: csv_of(b"r1,4,n").decode().encode("utf-16"), 1, []),
    "a field of 5 MB": ("a.csv", lambda: csv_of(b"r1,4,n", b"r2,5," + b"x" * (5 * MB), b"r3,no,n"), 2,
                        [("3", "is not a number")]),
    "a quoted field of 5 MB with line ends": (
        "a.csv", lambda: csv_of(b"r1,4,n", b'r2,5,"' + b"x\n" * (5 * MB // 2) + b'"', b"r3,no,n"), 2,
        [("3", "is not a number")]),
    "formulas without results": ("a.xlsx", odd.with_formulas, 1, [("1", "is not a number")]),
    "macros": ("a.xlsm", odd.with_macros, 1, [("1", "is blank")]),
    "merged cells": ("a.xlsx", lambda: odd.workbook(
        [["id", "Amount due", "name"], ["r1", 4, "n"], ["r2", 5, "n"]], merged="C2:C3"), 1, [("2", "is blank")]),
    "nested types": ("a.parquet", odd.nested_parquet, 2, []),
    "nested types where a number is needed": (
        "a.parquet", lambda: odd.parquet_of(**{"Amount due": [[4], [5]], "name": ["n", "n"]}), 0,
        [("1", "is not a number"), ("2", "is not a number")]),
    "a CSV file called Parquet": ("a.parquet", lambda: csv_of(b"r1,4,n"), 1, []),
    "a Parquet file called CSV": ("a.csv", odd.nested_parquet, 2, []),
    "a workbook called CSV": ("a.csv", odd.with_formulas, 1, [("1", "is not a number")]),
    "too few and too many values": ("a.csv", lambda: csv_of(b"r1,4,n", b"r2", b"r3,5,n,more,still", b"r4,6,n"), 2,
                                    [("2", "the row"), ("3", "the row")]),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "done", "rejects"), TAKEN.values(), ids=TAKEN.keys())
def test_it_comes_back_whole(
    name: str, content: Callable[[], bytes], done: int, rejects: list[tuple[str, str]],
    alice_api: ApiClient, queue: Queue,
) -> None:  # fmt: skip
    answer = send(alice_api, content(), name=name)
    assert answer.status_code == 202, answer.content
    queue.drain()
    job = alice_api.get(f"{UPLOAD}{answer.json()['id']}/").json()
    assert (job["status"], job["error"]) == ("done", None)
    assert (job["rows_done"], job["rows_rejected"]) == (done, len(rejects))
    told = read(alice_api, job["rejects"])[1:]
    assert [line[0] for line in told] == [row for row, _ in rejects]
    assert [said for (_, said), line in zip(rejects, told, strict=True) if said not in line[3]] == []
    if done:
        assert len(read(alice_api, job["results"])) == done + 1


def read(client: ApiClient, path: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(whole(client.get(path)).decode("utf-8-sig"), newline="")))


def test_what_shows_only_far_into_a_file_ends_its_job_with_what_is_wrong(alice_api: ApiClient, queue: Queue) -> None:
    long_row = csv_of(*[b"r1,4,n"] * 60_000, b"r2,4," + b"x" * (40 * MB))
    for name, content, said in (
        ("a.csv", long_row, "row 60,001 is longer than 16 MB"),
        ("a.xlsx", odd.with_a_far_row(), "more than 1,048,576 rows"),
    ):
        answer = send(alice_api, content, name=name)
        assert answer.status_code == 202, answer.content
        queue.drain()
        job = alice_api.get(f"{UPLOAD}{answer.json()['id']}/").json()
        assert job["status"] == "failed"
        assert said in job["error"]
        refused(alice_api.get(f"{UPLOAD}{job['id']}/results/"), 409, "conflict")


def test_a_packed_file_may_hold_five_times_what_a_file_may_have(
    alice_api: ApiClient, queue: Queue, settings: Any
) -> None:
    content = odd.long_gzip(200_000)
    settings.MAX_UPLOAD_BYTES = len(content) + 1
    assert send(alice_api, content, name="a.csv.gz").status_code == 202
    content = gzip.compress(csv_of(*[b"r1,4,n"] * 30_000))  # packs to a hundredth
    settings.MAX_UPLOAD_BYTES = 40_000
    problems = refused(send(alice_api, content, name="a.csv.gz"), 400, "invalid_file")
    assert "holds more than" in problems[0]["detail"]
    assert list(incoming.folder().iterdir()) == []


def test_an_empty_file_is_refused(alice_api: ApiClient, queue: Queue) -> None:
    form = {"predictor": "churn", "file": SimpleUploadedFile("a.csv", b"")}
    assert "empty" in refused(alice_api.post(UPLOAD, form), 400)[0]["detail"]
    assert "empty" in refused(send(alice_api, gzip.compress(b"", mtime=0), name="a.csv.gz"), 400)[0]["detail"]


@pytest.mark.parametrize(("announced", "status"), [(10 * 2**30, 413), (100 * 2**20, 400)])
def test_much_is_announced_and_little_sent(announced: int, status: int, alice_api: ApiClient, queue: Queue) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + csv_of(b"r1,4,n" * 150)
    told: Any = {"CONTENT_LENGTH": str(announced), "wsgi.input": io.BytesIO(body)}
    answer = alice_api.generic("POST", UPLOAD, body, content_type="multipart/form-data; boundary=x", **told)
    refused(answer, status)
    assert not found(BatchJob)
    assert list(incoming.folder().iterdir()) == []


@pytest.mark.parametrize(
    ("columns", "said"),
    [(b"shop,sold\nA,1\nB,2\n", "date"), (b"day,shop\n2026-01-01,A\n2026-01-02,B\n", "number")],
)
def test_a_file_of_sales_without_dates_or_numbers_is_told_at_once(
    columns: bytes, said: str, alice_api: ApiClient, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = SimpleNamespace(model=SeriesModel())
    monkeypatch.setattr("file_uploads.batch.intake.serving.find", lambda company_id, name: slot)
    problems = refused(send(alice_api, columns), 400, "invalid")
    assert said in problems[0]["detail"]
    assert not found(BatchJob)
    dated = b"day,sold\n" + b"".join(b"2026-01-%02d,%d\n" % (day, day) for day in range(1, 29))
    assert send(alice_api, dated).status_code == 202


def test_a_job_that_is_removed_between_its_chunks_leaves_no_file(
    alice: Company, alice_api: ApiClient, queue: Queue, django_capture_on_commit_callbacks: Any
) -> None:
    job = send(alice_api, csv_of(*[b"r%d,4,n" % at for at in range(60_000)])).json()["id"]
    name, arguments = queue.pop(0)
    assert name == "file_uploads.split_file"
    tasks.split_file.func(**arguments)
    tasks.answer_chunk.func(**queue.pop(0)[1])
    with django_capture_on_commit_callbacks(execute=True):
        assert alice_api.delete(f"{UPLOAD}{job}/").status_code == 204
    queue.drain()
    assert store.names(alice.pk, job) == []
    refused(alice_api.get(f"{UPLOAD}{job}/results/"), 404)
