"""`manage.py worker` with a model that answers by arithmetic and takes its time, and, in the short form, with small
chunks and little patience. Its children import this file too, before they work."""

from __future__ import annotations

import os
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_core.settings")
django.setup()

from file_uploads import charsets, reading  # noqa: E402
from file_uploads.batch import answering, splitting  # noqa: E402
from ml_services.base import Model, TableAnswer  # noqa: E402
from platform_core import children, jobs, queue_worker, transactions  # noqa: E402
from tests.file_uploads.fakes import Doubling  # noqa: E402

CHUNK_ROWS = 20


class Slow(Doubling):
    """Takes its time over each chunk."""

    def answer_table(self, table: object, *, explain: bool) -> TableAnswer:
        time.sleep(float(Path(os.environ["FAULT_DELAY"]).read_text()))
        return super().answer_table(table, explain=explain)


def slow(pin: object) -> Model:
    """Stands for the model of a pin."""
    return Slow()


def be_quick() -> None:
    """What takes ten seconds takes two, and a chunk is a few rows."""
    queue_worker.HEARTBEAT_S, jobs.DEAD_AFTER_S, queue_worker.RESCUE_S = 0.3, 2.0, 0.5
    transactions.BRIEF_S, children.BEGIN_S = 2.0, 2.0
    if os.environ.get("FILES_BUCKET"):
        from platform_core import bucket

        bucket.READ_S, bucket.TRIES = 1, 1
    splitting.PLAIN_ROWS, reading.MIN_BLOCK_BYTES, charsets.BLOCK_BYTES = CHUNK_ROWS, 100, 100


answering.model_of = slow
charsets.BLOCK_BYTES = 1 << 15  # which is what a chunk of a narrow file is made of
if os.environ.get("FAULTS") != "long":
    be_quick()

if __name__ == "__main__":
    from django.core.management import call_command

    parent, ready = int(os.environ["FAULT_PARENT"]), Path(os.environ["FAULT_DELAY"])
    while not ready.exists() and os.getppid() == parent:  # the tables are being made meanwhile
        time.sleep(0.05)
    call_command("worker", parent=parent)
