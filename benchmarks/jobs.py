"""Files as jobs: upload, queue, workers and results, against `predict` and a bare script, on one file in one run.

    python -m benchmarks.jobs [--rows 1000000] [--parts whole,large,scaling,fairness,overhead] [--json FILE]

A server of this checkout with a database and folders of its own; each figure is a whole way, from the upload's answer
to `done`. Memory is the largest peak (VmHWM) of any process that the server started. Peers' batch ways
(BentoML, MLflow) join in where their environments are (see `benchmarks.peers`).
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import batch_peers, job_shares
from benchmarks.batch import measured
from benchmarks.batch_files import write_files
from benchmarks.job_server import install, prepared, serving
from benchmarks.job_shares import cpu_by_kind
from benchmarks.peers import ROOT, manage, own_home

SEED = 42
TEN_ROWS, SOME_ROWS = 10, 200_000
TIMES = 10
ROUNDS = 2


def few_rows(folder: Path, rows: int = TEN_ROWS) -> Path:
    """The header and the first rows of the file."""
    path = folder / f"first{rows}.csv"
    with (folder / "score.csv").open() as whole:
        path.write_text("".join(line for line, _ in zip(whole, range(rows + 1), strict=False)))
    return path


def some_rows(folder: Path) -> Path:
    """So many that each child has some."""
    return few_rows(folder, SOME_ROWS)


def whole(folder: Path, found: dict[str, str]) -> dict[str, Any]:
    """One worker, both cores: against the bare script and the command's way, in turns, the best of each."""
    bares, ways, jobs, typed, peak = [], [], [], [], 0.0
    for _ in range(ROUNDS):
        bares.append(measured(folder, "bare"))
        ways.append(measured(folder, "platform"))
        began = time.perf_counter()
        manage(found, "predict", "churn", "--input", str(folder / "score.csv"), "--output", str(folder / "typed.csv"))
        typed.append(time.perf_counter() - began)
        with serving(found, 1, 0) as server:
            server.done(some_rows(folder))  # all children have loaded the model
            jobs.append(server.done(folder / "score.csv"))
            peak = max(peak, server.peak)
    bare, ours = (max(runs, key=lambda one: float(one["rows_per_second"])) for runs in (bares, ways))
    job = max(jobs, key=lambda one: one.rows_per_second)
    peers = batch_peers.measured(folder)
    told = {
        "rows": job.rows, "job_rows_s": job.rows_per_second, "upload_s": job.upload_s, "peak_mb": peak,
        "bare_rows_s": bare["rows_per_second"], "predict_rows_s": ours["rows_per_second"],
        "predict_typed_s": min(typed), **peers,
    }  # fmt: skip
    print(f"\n{job.rows:,} rows, one worker: {job.rows_per_second:,.0f} rows/s in {job.seconds:.1f} s "
          f"(upload {job.upload_s:.1f} s), largest process {peak:.0f} MB")  # fmt: skip
    _against("bare script", job.rows_per_second, bare["rows_per_second"], 0.5)
    _against("predict command, as typed", job.rows_per_second, job.rows / min(typed), 1.0)
    _against("predict command's work without its start", job.rows_per_second, ours["rows_per_second"], 1.0)
    for name, rate in peers.items():
        _against(name, job.rows_per_second, rate, 1.0)
    print(f"  memory under 700 MB: {'met' if peak < 700 else 'MISSED'}")
    return told


def _against(name: str, ours: float, theirs: float, wanted: float) -> None:
    verdict = "met" if ours >= wanted * theirs else "MISSED"
    print(f"  against the {name}, {theirs:,.0f} rows/s: {ours / theirs:.2f}, wanted {wanted}: {verdict}")


def large(folder: Path, found: dict[str, str]) -> dict[str, Any]:
    """Ten times the file: rows a second and memory beside those of the file itself."""
    figures = {}
    for times in (1, TIMES):
        path = folder / f"times{times}.csv"
        with path.open("wb") as target:
            for number in range(times):
                with (folder / "score.csv").open("rb") as source:
                    head = source.readline()
                    target.write(head if number == 0 else b"")
                    shutil.copyfileobj(source, target, 1 << 20)
        with serving(found, 1, 0) as server:
            server.done(some_rows(folder))
            job = server.done(path)
            figures[times] = (job, server.peak)
        path.unlink()
    for job, peak in figures.values():
        print(f"\n{job.rows:,} rows: {job.rows_per_second:,.0f} rows/s, upload {job.upload_s:.1f} s, largest process "
              f"{peak:.0f} MB, wanted under 700: {'met' if peak < 700 else 'MISSED'}")  # fmt: skip
    few, many = (peak for _, peak in figures.values())
    return {"rows": figures[TIMES][0].rows, "rows_s": figures[TIMES][0].rows_per_second, "peak_mb": many,
            "peak_mb_of_a_tenth": few}  # fmt: skip


def scaling(folder: Path, found: dict[str, str]) -> dict[str, Any]:
    """Two workers of one child each against one."""
    rates, home, job = {}, folder / "h", None
    spent: dict[str, float] = {}
    for workers in (1, 2):
        with serving(found, workers, 1) as server:
            server.done(some_rows(folder))
            before = cpu_by_kind(server.process.pid, home)
            job = server.done(folder / "score.csv")
            after = cpu_by_kind(server.process.pid, home)
            rates[workers] = job.rows_per_second
            spent = spent or {kind: after[kind] - before[kind] for kind in after}
    ratio = rates[2] / rates[1]
    print(f"\nTwo workers {rates[2]:,.0f} rows/s, one {rates[1]:,.0f}: {ratio:.2f} times, "
          f"wanted 1.6: {'met' if ratio >= 1.6 else 'MISSED'}")  # fmt: skip
    alone = _alone(folder, found)
    job_shares.say(alone, spent, job.rows)
    return {"one_worker_rows_s": rates[1], "two_workers_rows_s": rates[2], "ratio": ratio, **alone, **spent}


def _alone(folder: Path, found: dict[str, str]) -> dict[str, float]:
    if not (folder / "ours.csv").exists():
        measured(folder, "platform")
    command = [sys.executable, "-m", "benchmarks.job_shares", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=found, stdout=subprocess.PIPE, text=True, check=True)
    shares: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return shares


def fairness(folder: Path, found: dict[str, str]) -> dict[str, Any]:
    """Ten rows of another company while a large file is worked on."""
    with serving(found, 1, 0) as server:
        server.done(few_rows(folder))
        large, _ = server.send(folder / "score.csv", "demo")
        time.sleep(1.0)
        taken = []
        while server.call("get", f"/api/upload/{large}/", "demo")["status"] in ("queued", "running"):
            small = server.done(few_rows(folder), "other")
            taken.append(small.seconds + small.upload_s)
        server.wait(large, "demo")
    worst = max(taken) if taken else float("nan")
    print(f"\nTen rows of another company meanwhile, {len(taken)} times: {min(taken):.2f} to {worst:.2f} s, "
          f"wanted under 5: {'met' if worst < 5 else 'MISSED'}")  # fmt: skip
    return {"times": len(taken), "worst_s": worst}


def overhead(folder: Path, found: dict[str, str]) -> dict[str, Any]:
    """A file of ten rows, all the way, on an idle server."""
    with serving(found, 1, 0) as server:
        server.done(few_rows(folder))
        taken = sorted(job.seconds + job.upload_s for job in (server.done(few_rows(folder)) for _ in range(20)))
    middle = taken[len(taken) // 2]
    print(f"\nTen rows through upload, queue and worker: {middle:.2f} s (fastest {taken[0]:.2f}, slowest "
          f"{taken[-1]:.2f} of {len(taken)}), wanted under 0.5: {'met' if middle < 0.5 else 'MISSED'}")  # fmt: skip
    return {"median_s": middle, "slowest_s": taken[-1]}


PARTS = {"whole": whole, "large": large, "scaling": scaling, "fairness": fairness, "overhead": overhead}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--parts", default=",".join(PARTS), help="of these only")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--install", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.install:
        install(options.install)
        return
    figures: dict[str, Any] = {}
    with own_home() as folder:
        source = write_files(folder, options.rows, SEED)
        print(f"{source}, {(folder / 'score.csv').stat().st_size / 1e6:.0f} MB", flush=True)
        found = prepared(folder)
        for part in options.parts.split(","):
            figures[part] = PARTS[part](folder, found)
            sys.stdout.flush()
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
