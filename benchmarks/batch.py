"""Scoring a file: the platform against a bare pyarrow + LightGBM script, on the same file in the same run.

    python -m benchmarks.batch [--rows N] [--explained-rows N] [--json FILE]
    python -m benchmarks.batch --jobs …    the same files as jobs of the queue: what `benchmarks.jobs` takes and tells

Each way runs in a process of its own, in turns; times are of the work without the imports, best of the rounds; memory
is the process's peak (ru_maxrss).
"""

from __future__ import annotations

import argparse
import json
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.batch_files import TREES, write_files

RATIO_BUDGET, MEMORY_BUDGET_MB, EXPLAINED_BUDGET = 0.6, 600, 2_000
SEED = 42


def platform(folder: Path, *, explain: bool) -> int:
    """Reads, checks, encodes, predicts, calibrates, presents and writes, as the predict command does."""
    from file_uploads.reading import open_table
    from file_uploads.scoring import score_file

    model = pickle.loads((folder / "model.pkl").read_bytes())  # noqa: S301 our own file of a minute ago
    model.warm()
    name = "explain.csv" if explain else "score.csv"
    started = time.perf_counter()
    source = open_table(folder / name, max_bytes=None)
    report = score_file(model, source, folder / "ours.csv", explain=explain)
    _told(report.rows_done, started)
    return report.rows_done


def bare(folder: Path) -> int:
    """Reads the whole file, encodes, predicts, writes: nothing is checked, and one column is added."""
    import lightgbm as lgb
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv as pa_csv

    booster = lgb.Booster(model_file=str(folder / "booster.txt"))
    features = json.loads((folder / "levels.json").read_text())
    started = time.perf_counter()
    table = pa_csv.read_csv(folder / "score.csv")
    X = np.empty((table.num_rows, len(features)))
    for k, feature in enumerate(features):
        column = table.column(feature["name"])
        if feature["levels"]:
            column = pc.index_in(column.cast(pa.string()), pa.array(feature["levels"]))
        X[:, k] = column.cast(pa.float64()).to_numpy()
    chance = booster.predict(X, num_threads=2)
    pa_csv.write_csv(table.append_column("probability", pa.array(chance)), folder / "bare.csv")
    _told(table.num_rows, started)
    return table.num_rows


def _told(rows: int, started: float) -> None:
    seconds = time.perf_counter() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "seconds": seconds, "rows_per_second": rows / seconds, "peak_mb": peak_mb}))


def measured(folder: Path, way: str) -> dict[str, Any]:
    """One run of a way in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.batch", "--run", way, "--folder", str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=Path(__file__).parents[1])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def compared(folder: Path, rounds: int) -> dict[str, dict[str, Any]]:
    """The best run of each way, in turns, so that a busy moment hits all of them."""
    runs: dict[str, list[dict[str, Any]]] = {"bare": [], "platform": [], "explained": []}
    for _ in range(rounds):
        for way, found in runs.items():
            found.append(measured(folder, way))
    return {way: min(found, key=lambda run: float(run["seconds"])) for way, found in runs.items()}


def say(found: dict[str, dict[str, Any]]) -> None:
    print(f"{'way':<12}{'rows':>10}{'rows/s':>12}{'peak MB':>10}")
    for way, run in found.items():
        print(f"{way:<12}{run['rows']:>10,}{run['rows_per_second']:>12,.0f}{run['peak_mb']:>10,.0f}")
    ratio = found["platform"]["rows_per_second"] / found["bare"]["rows_per_second"]
    for what, value, met in (
        (f"platform / bare, budget {RATIO_BUDGET}", f"{ratio:.2f}", ratio >= RATIO_BUDGET),
        (
            f"peak memory, budget {MEMORY_BUDGET_MB} MB",
            f"{found['platform']['peak_mb']:.0f}",
            found["platform"]["peak_mb"] < MEMORY_BUDGET_MB,
        ),
        (
            f"rows/s with reasons, budget {EXPLAINED_BUDGET:,}",
            f"{found['explained']['rows_per_second']:,.0f}",
            found["explained"]["rows_per_second"] >= EXPLAINED_BUDGET,
        ),
    ):
        print(f"{what:<40}{value:>10}  {'met' if met else 'MISSED'}")


def main() -> None:
    if "--jobs" in sys.argv:
        from benchmarks import jobs

        sys.argv.remove("--jobs")
        jobs.main()
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--explained-rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--run", choices=["bare", "platform", "explained"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run == "bare":
        bare(options.folder)
    elif options.run:
        platform(options.folder, explain=options.run == "explained")
    else:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            source = write_files(folder, options.rows, SEED)
            with (folder / "score.csv").open() as whole, (folder / "explain.csv").open("w") as part:
                part.writelines(line for line, _ in zip(whole, range(options.explained_rows + 1), strict=False))
            print(f"{source}, {(folder / 'score.csv').stat().st_size / 1e6:.0f} MB, {TREES} trees")
            found = compared(folder, options.rounds)
        say(found)
        if options.json:
            options.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
