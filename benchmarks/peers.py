"""Requests a second beside what people use instead, in one run, in turns, on the same machine and the same rows.

    python -m benchmarks.peers [--peer NAME …] [--rounds 3] [--secs 10] [--clients 16] [--results FILE]

With the folder ../shared/bench (BENCH_PEERS elsewhere), its environments set up as its README says, and wrk: its
peers. Where one of them is missing, or with `--peer own`: the FastAPI service of `own_service`, in an environment that
is made for it. Our model is trained by `train_models` on the rows that the others learned from; each server has two
processes. Ours answers with authentication, check, version and evidence; theirs with the bare probability.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

from benchmarks import load, own_peer

ROOT = Path(__file__).parents[1]
BENCH = Path(os.environ.get("BENCH_PEERS") or ROOT.parent / "shared" / "bench")
HOME = Path(os.environ.get("PEERS") or Path.home() / ".cache" / "prediction-peers")
PEERS = ["fastapi", "litserve-batch", "bentoml-batch"]
OWN = "own"
WANTED = 1.5
"""Times the best of them."""
PORT = 8771
TRAINED_ON = 20_000
BUDGET_S = 20
DISTURBED_PCT = 10
WRITE_ROWS = """
import sys, task
X, y = task.frame(int(sys.argv[1]))
X.assign(left=y).to_csv(sys.argv[2], index=False)
"""


@contextmanager
def own_home() -> Iterator[Path]:
    """A folder for an installation of a benchmark's own, at `h` within. Its database is stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="pp") as folder:
        home = Path(folder)
        home.chmod(0o755)
        try:
            yield home
        finally:
            manage({**os.environ, "PLATFORM_HOME": str(home / "h")}, "db", "stop")


def manage(surroundings: dict[str, str], *command: str) -> str:
    """What a command of ours says."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr.strip()[-500:]}")
    return done.stdout.strip()


def product(home: Path, rows: Path, row: Path) -> dict[str, str]:
    """Trains on `rows` and makes a key in a folder of its own. Returns how the bench starts and asks us."""
    surroundings = {**os.environ, "PLATFORM_HOME": str(home / "h"), "MODELS_STORE": str(home / "m"), "WEB_WORKERS": "2"}
    manage(surroundings, "db", "start")
    manage(surroundings, "migrate", "--verbosity", "0")
    manage(surroundings, "seed_demo")
    print(manage(surroundings, "train_models", "churn", "--data", str(rows), "--target", "left",
                 "--company", "demo", "--budget-s", str(BUDGET_S)))  # fmt: skip
    key = manage(surroundings, "create_api_key", "demo", "bench").splitlines()[-1]
    return {
        **surroundings,
        "PRODUCT_CMD": f"{sys.executable} -m benchmarks.product {PORT}",
        "PRODUCT_DIR": str(ROOT),
        "PRODUCT_URL": f"http://127.0.0.1:{PORT}",
        "PRODUCT_PATH": "/api/predict/churn/?explain=false",
        "PRODUCT_PAYLOAD": str(row),
        "PRODUCT_HEADER": f"X-API-Key: {key}",
    }


def reported(results: Path, clients: int) -> list[str]:
    """Medians of the undisturbed runs, and ours against the best."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    disturbed = 0
    for record in map(json.loads, results.read_text(encoding="utf-8").splitlines()):
        measured = record[f"c{clients}"]
        disturbed += measured["foreign_pct"] > DISTURBED_PCT
        found[record["target"]].append({**measured, "pss_mb": record["pss_mb"]})
    lines = [f"{'':<16}{'req/s':>8}{'p99 ms':>9}{'CPU µs':>9}{'MB':>7}{'foreign %':>11}"]
    medians = {
        name: {key: statistics.median(run[key] for run in runs) for key in
               ("rps", "p99", "cpu_us", "pss_mb", "foreign_pct")}
        for name, runs in found.items()
    }  # fmt: skip
    for name, one in sorted(medians.items(), key=lambda item: -item[1]["rps"]):
        lines.append(
            f"{name:<16}{one['rps']:>8.0f}{one['p99']:>9.1f}{one['cpu_us']:>9.0f}{one['pss_mb']:>7.0f}"
            f"{one['foreign_pct']:>11.1f}"
        )
    others = [one["rps"] for name, one in medians.items() if name != "product"]
    if others and "product" in medians:
        ratio = medians["product"]["rps"] / max(others)
        verdict = "met" if ratio >= WANTED else "MISSED"
        lines.append(f"ours / the best of them at {clients} clients: {ratio:.2f}  wanted {WANTED}: {verdict}")
    if disturbed:
        lines.append(f"{disturbed} runs had more than {DISTURBED_PCT} % of the machine taken by others.")
    return lines


def beside_peers(home: Path, options: argparse.Namespace, results: Path) -> None:
    """The peers of the shared folder, measured by its bench."""
    python, rows = HOME / "base" / "bin" / "python", home / "rows.csv"
    subprocess.run(
        [python, "-c", WRITE_ROWS, str(TRAINED_ON), rows],
        cwd=BENCH, env={**os.environ, "PYTHONPATH": str(BENCH)}, check=True,
    )  # fmt: skip
    ours = product(home, rows, HOME / "task" / "row.json")
    surroundings = {**ours, "SECS": str(options.secs), "CONC": str(options.clients)}
    for target in turns(["product", *(options.peer or PEERS)], options.rounds):
        subprocess.run(
            [python, "bench.py", "run", target, results],
            cwd=BENCH, env=surroundings, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip


def beside_own(home: Path, options: argparse.Namespace, results: Path) -> None:
    """The service of our own, measured by our own clients."""
    python = own_peer.environment(HOME / "own")
    own_peer.learned(python, home, TRAINED_ON)
    ours = product(home, home / "rows.csv", home / "row.json")
    targets = {
        "product": load.Target(
            "product", ours["PRODUCT_CMD"].split(), ours["PRODUCT_URL"] + ours["PRODUCT_PATH"],
            (home / "row.json").read_bytes(), ours["PRODUCT_HEADER"], ROOT, ours,
        ),
        OWN: own_peer.service(python, home),
    }  # fmt: skip
    for name in turns(list(targets), options.rounds):
        record = load.measured(targets[name], options.clients, options.secs)
        with results.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(record) + "\n")


def turns(targets: list[str], rounds: int) -> list[str]:
    """Every other round the other way round, so that a machine that warms up or fills up favours none."""
    return [name for number in range(rounds) for name in (targets if number % 2 == 0 else reversed(targets))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", action="append", help=f"default {', '.join(PEERS)}; {OWN}: the service of ours")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--secs", type=int, default=10)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--results", type=Path, help="keep the raw records here")
    options = parser.parse_args()
    needed = [BENCH / "bench.py", HOME / "base" / "bin" / "python", HOME / "task" / "row.json"]
    missing = [str(path) for path in needed if not path.exists()] + ([] if which("wrk") else ["wrk"])
    if missing and options.peer not in (None, [OWN]):
        sys.exit(f"These peers cannot be measured without {', '.join(missing)}; `--peer {OWN}` can.")
    if missing:
        print(f"Without {', '.join(missing)} only the service of our own stands beside us.", flush=True)
    with own_home() as home:
        results = options.results or home / "results.jsonl"
        (beside_own if missing or options.peer == [OWN] else beside_peers)(home, options, results)
        print("\n".join(reported(results, options.clients)))


if __name__ == "__main__":
    main()
