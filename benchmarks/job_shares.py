"""Where the time of a job goes, and what that means for more workers than there are cores: for `benchmarks.jobs`.

python -m benchmarks.job_shares FOLDER   (within an installation: what cutting, joining and the database take alone)
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.processes import ended_s, everything, own_s, tree, tree_cpu_s

CHUNKS = 300
"""Made ones, whose way through the database is timed."""
WORKERS = (1, 2, 4, 8, 16, 32)


def cpu_by_kind(server: int, home: Path) -> dict[str, float]:
    """Seconds of CPU so far of the web processes, the workers' own, their children and the database."""
    spent = dict.fromkeys(("web", "worker", "child", "database"), 0.0)
    postmaster = int((home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    figures = dict(everything())
    for number in figures.keys() & set(tree(server)):
        kind = _kind(number)
        spent[kind] += own_s(figures[number])
        if kind == "worker":
            spent["child"] += ended_s(figures[number])
    spent["database"] = tree_cpu_s(postmaster)
    return spent


def _kind(number: int) -> str:
    try:
        command = Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return "web"
    return "worker" if "manage.py worker" in command else "child" if "spawn_main" in command else "web"


def on_paper(alone: dict[str, float], spent: dict[str, float], rows: int) -> list[dict[str, Any]]:
    """What so many workers, each with a core of its own, would take for the file: cutting and answering go on at the
    same time, joining comes after both. `database`: how much of one of its cores that asks for."""
    told = []
    for workers in WORKERS:
        seconds = max(alone["cutting_s"], spent["child"] / workers) + alone["joining_s"]
        told.append({"workers": workers, "rows_s": rows / seconds, "database": spent["database"] / seconds})
    return told


def say(alone: dict[str, float], spent: dict[str, float], rows: int) -> None:
    """Prints the shares, the paper and the points at which something else than workers becomes the limit."""
    chunks = int(alone["chunks"])
    print(f"\nOf {rows:,} rows in {chunks} chunks, CPU: children {spent['child']:.1f} s, workers themselves "
          f"{spent['worker']:.1f}, database {spent['database']:.2f}, web {spent['web']:.1f}; alone: cutting "
          f"{alone['cutting_s']:.2f} s, joining {alone['joining_s']:.2f}")  # fmt: skip
    for line in on_paper(alone, spent, rows):
        print(f"  {line['workers']:>3} workers, on paper: {line['rows_s']:>9,.0f} rows/s; "
              f"{line['database']:.2f} of one core of the database")  # fmt: skip
    a_chunk = rows / chunks
    print(f"  one job: its row is held {alone['held_ms']:.1f} ms a chunk, so no more than "
          f"{a_chunk * 1e3 / alone['held_ms']:,.0f} rows/s however many workers; cutting allows "
          f"{rows / alone['cutting_s']:,.0f}")  # fmt: skip
    print(f"  many jobs: the database's CPU a chunk is {spent['database'] / chunks * 1e3:.1f} ms, so each of its cores "
          f"carries {rows / spent['database']:,.0f} rows/s")  # fmt: skip


def alone(folder: Path) -> dict[str, float]:
    """Seconds of cutting the file and of joining results of its size, one after the other on an otherwise idle
    machine, and milliseconds for which the ways of a chunk hold the job's row."""
    from file_uploads.batch import store
    from file_uploads.batch.chunk_files import write_chunk
    from file_uploads.batch.named import Named
    from file_uploads.batch.splitting import PLAIN_ROWS
    from file_uploads.reading import open_table

    began, named, number = time.perf_counter(), Named(1), 0
    for number, chunk in enumerate(open_table(folder / "score.csv", max_bytes=None).chunks(PLAIN_ROWS), start=1):
        with store.writing(f"shares/{number % 8}") as path:
            write_chunk(chunk, path)
        named.add(chunk)
    cutting = time.perf_counter() - began
    began = time.perf_counter()
    with store.writing("shares/joined") as path:
        shutil.copyfile(folder / "ours.csv", path)
    joining = time.perf_counter() - began
    return {"chunks": number, "cutting_s": cutting, "joining_s": joining, "held_ms": _held_ms()}


def _held_ms() -> float:
    """Of a chunk that comes, and of one whose answer comes: both hold the row of the job."""
    from django.db import connection

    from file_uploads.batch import states
    from file_uploads.models import BatchJob
    from platform_core.tenancy import company_in_force, installation_wide
    from users.models import Company

    with installation_wide():
        company = Company.objects.get(slug="demo")
    with company_in_force(company.pk):
        job = BatchJob.objects.create(company=company, predictor="churn", model={}, name="x", bytes=1 << 30, sha256="")
        states.begin(job_id=job.pk)
        held = 0.0
        for number in range(1, CHUNKS + 1):
            began = time.perf_counter()
            states.add_chunk(job_id=job.pk, number=number, first_row=number, rows=1)
            held += time.perf_counter() - began
            taken = states.start_chunk(job_id=job.pk, number=number)
            assert taken is not None
            began = time.perf_counter()
            states.end_chunk(chunk=taken[1], part="p", rows=1, done=1, rejected=0, notes=[])
            held += time.perf_counter() - began
        job.delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE args->>'job_id' = %s", [str(job.pk)])
    return held / CHUNKS * 1e3


def main() -> None:
    from benchmarks import product

    product.prepare()
    print(json.dumps(alone(Path(sys.argv[1]))))


if __name__ == "__main__":
    main()


__all__ = ["alone", "cpu_by_kind", "on_paper", "say"]
