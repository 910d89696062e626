"""From a file to its results through the queue: all rows, in order, once, whatever happens in between."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from file_uploads import tasks
from file_uploads.batch import states, store
from file_uploads.models import JobState
from platform_core.errors import RecordInvalid
from tests.file_uploads.batch.conftest import HEAD, Queue, chunks, now, rows, taken, texts, written
from users.models import Company

pytestmark = pytest.mark.usefixtures("doubling", "small_chunks")


def test_every_row_comes_back_in_order_as_result_or_reject(alice: Company, queue: Queue, tmp_path: Path) -> None:
    job = taken(alice, written(tmp_path / "in.csv", rows(100, bad=(7, 50))))
    queue.drain()
    done = now(job)
    assert (done.status, done.rows_total, done.rows_done, done.rows_rejected) == (JobState.DONE, 100, 98, 2)
    assert len(chunks(job)) > 5
    results = texts(job, "results.csv")
    assert results[0] == [*HEAD, "prediction_value"]
    kept = [at for at in range(1, 101) if at not in (7, 50)]
    assert [row[0] for row in results[1:]] == [f"r{at}" for at in kept]
    assert [float(row[-1]) for row in results[1:]] == [2.0 * at for at in kept]
    assert texts(job, "rejects.csv")[1:] == [
        ["7", "Amount due", "rubbish", "is not a number"],
        ["50", "Amount due", "rubbish", "is not a number"],
    ]


def test_only_the_file_and_its_results_are_left(alice: Company, queue: Queue, tmp_path: Path) -> None:
    job = taken(alice, written(tmp_path / "in.csv", rows(30)))
    queue.drain()
    assert store.names(alice.pk, job.pk) == ["input", "people.bin", "rejects.csv", "results.csv"]


def test_a_file_without_a_needed_column_is_refused_before_a_job_is_there(
    alice: Company, queue: Queue, tmp_path: Path
) -> None:
    with pytest.raises(RecordInvalid, match="name"):
        taken(alice, written(tmp_path / "in.csv", [["1", "2"]], head=["id", "Amount due"]))
    assert not queue
    assert not store.names(alice.pk, "")


def test_a_column_is_taken_for_a_field_where_the_person_says_so(alice: Company, queue: Queue, tmp_path: Path) -> None:
    path = written(tmp_path / "in.csv", [["1", "4", "x"]], head=["id", "open sum", "name"])
    job = taken(alice, path, mapping={"open sum": "Amount due"})
    queue.drain()
    assert texts(job, "results.csv") == [["id", "open sum", "name", "prediction_value"], ["1", "4", "x", "8"]]


def test_results_are_parquet_where_asked(alice: Company, queue: Queue, tmp_path: Path) -> None:
    job = taken(alice, written(tmp_path / "in.csv", rows(40)), result_format="parquet")
    queue.drain()
    path = store.local(store.key(alice.pk, job.pk, "results.parquet"))
    assert pq.read_table(path)["prediction_value"].to_pylist() == [2.0 * at for at in range(1, 41)]


def test_the_queue_never_holds_more_of_a_job_than_its_window(alice: Company, queue: Queue, tmp_path: Path) -> None:
    taken(alice, written(tmp_path / "in.csv", rows(300)))
    name, arguments = queue.pop(0)
    assert name == "file_uploads.split_file"
    tasks.split_file.func(**arguments)
    assert [task for task, _ in queue] == ["file_uploads.answer_chunk"] * states.WINDOW
