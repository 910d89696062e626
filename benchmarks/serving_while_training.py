"""What a training costs the clients of the server that it runs on: a steady load, with and without one, in short turns.

    python -m benchmarks.serving_while_training [FILE] [--target Churn] [--rounds 2] [--rate 50] [--quiet-s 20]
        [--budget-s 30] [--json FILE]

A server of this checkout, two web processes and a worker, on a database of its own. Single predictions are asked at a
fixed rate, well below what it can, however long answers take, and timed from when they were due: beside nothing else,
beside a training of FILE by POST /api/models/churn/train/ (without one: Telco of ../shared/data, SHARED_DATA
elsewhere), and beside a round of the pipeline on the company's leads, through the queue. What serves learned from FILE
as well, so that a new version may take its place in the middle of the load.

Every two seconds the training's process is stopped (SIGSTOP) or goes on, and requests of both kinds of turns are
compared: whatever else the machine does hits both alike. Beside nothing else the same turns are compared, in which
nothing is stopped: that much is noise.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import statistics
import subprocess
import sys
import time
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import load, processes, served
from benchmarks.learning_turns import PORT, Turns, round_opener, training
from benchmarks.peers import ROOT, manage, own_home

DATA = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data"))
RATIO = 1.25
"""How many times its time without a training the 95th percentile may be with one."""
QUIET, TRAINING, ROUND = "nothing else", "a training", "a round of the pipeline"
WARM_S = 5.0


def first_row(path: Path, target: str) -> bytes:
    """The first row of a CSV file, without its target, as a record."""
    with path.open(encoding="utf-8", newline="") as stream:
        row = next(csv.DictReader(stream))
    return json.dumps({name: _number_or_text(value) for name, value in row.items() if name != target}).encode()


def _number_or_text(value: str) -> float | str:
    try:
        return float(value)
    except ValueError:
        return value


def phase(name: str, server: int, found: dict[str, str], target: load.Target, options: Any) -> dict[str, Any]:
    """The load beside what `name` says."""
    key = found["MODELS_KEY"]
    first = partial(training, key, options.file, options.target, options.budget_s) if name == TRAINING else str
    with round_opener(found) if name == ROUND else nullcontext(first) as begin:
        busy, begun, crowd = processes.busy_s(), time.perf_counter(), os.getloadavg()[0]
        turns = Turns(server, key, begin, options.quiet_s)
        answers, wrong = asyncio.run(load.steady(target, options.rate, turns.over))
    seconds = time.perf_counter() - begun
    busy_pct = 100 * (processes.busy_s() - busy) / seconds / (os.cpu_count() or 1)
    made = {
        "phase": name, "on": turns.of(answers, True), "off": turns.of(answers, False), "wrong": wrong,
        "run": turns.status, "seconds": seconds, "load": crowd, "busy_pct": busy_pct,
    }  # fmt: skip
    print(
        f"  {name:<24} {ways(made)}, {seconds:.0f} s, load {crowd:.1f}, {busy_pct:.0f} % busy {turns.status}",
        flush=True,
    )
    return made


def p(times: list[float], percent: int) -> float:
    """A percentile."""
    return statistics.quantiles(times, n=100)[percent - 1]


def ways(made: dict[str, Any]) -> str:
    """Percentiles of both kinds of turns."""
    said = (
        " / ".join(f"{p(made[way], percent):.1f}" for percent in (50, 95, 99)) + f" / {max(made[way]):.0f}"
        for way in ("off", "on")
    )
    stopped, going = said
    return f"ms p50 / p95 / p99 / most, stopped {stopped}, going on {going}; {len(made['wrong'])} errors"


def told(phases: list[dict[str, Any]]) -> dict[str, Any]:
    """Prints the comparison of all turns together, and returns it."""
    figures: dict[str, Any] = {}
    print()
    for name in (QUIET, TRAINING, ROUND):
        own = [one for one in phases if one["phase"] == name]
        made = {way: [took for one in own for took in one[way]] for way in ("on", "off", "wrong")}
        ratio = p(made["on"], 95) / p(made["off"], 95)
        figures[name] = {
            "requests": len(made["on"]) + len(made["off"]), "errors": len(made["wrong"]), "ratio": ratio,
            "p95": {way: p(made[way], 95) for way in ("off", "on")}, "load": [round(one["load"], 1) for one in own],
        }  # fmt: skip
        print(f"  {name:<24} {ways(made)}; p95 {ratio:.2f} times")
    noise = max(figures[QUIET]["ratio"], 1 / figures[QUIET]["ratio"])
    for name in (TRAINING, ROUND):
        ratio = figures[name]["ratio"]
        verdict = "met" if ratio <= RATIO else "within the noise" if ratio <= noise else "MISSED"
        print(f"{name}: p95 {ratio:.2f} times, wanted {RATIO} at most: {verdict} (turns without any: {noise:.2f})")
    errors = sum(one["errors"] for one in figures.values())
    print(f"errors: {errors}, wanted none: {'met' if not errors else 'MISSED'}")
    return figures


def measured(found: dict[str, str], options: argparse.Namespace) -> list[dict[str, Any]]:
    """Figures of each phase, on a server that is started for it."""
    target = load.Target(
        "product", [sys.executable, "-m", "benchmarks.product", str(PORT)],
        f"http://127.0.0.1:{PORT}/api/predict/churn/?explain=false", first_row(options.file, options.target),
        f"X-API-Key: {found['KEY']}",
    )  # fmt: skip
    process = subprocess.Popen(
        target.command, cwd=ROOT, start_new_session=True, env={**found, "WORKERS": "1", "WEB_WORKERS": "2"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        load.wait(target, process)
        until = time.perf_counter() + WARM_S
        asyncio.run(load.steady(target, options.rate, lambda: time.perf_counter() > until))
        names = [name for _ in range(options.rounds) for name in (QUIET, TRAINING, ROUND)]
        return [phase(name, process.pid, found, target, options) for name in names]
    finally:
        processes.stop(process)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=DATA / "churn/telco_ibm.csv")
    parser.add_argument("--target", default="Churn")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--quiet-s", type=float, default=20.0)
    parser.add_argument("--budget-s", type=float, default=30.0)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    with own_home() as home:
        found = served.surroundings(home)
        found["MODELS_KEY"] = manage(found, "create_api_key", "demo", "models", "--scope", "models").splitlines()[-1]
        learned = ("--data", str(options.file), "--target", options.target, "--company", "demo", "--budget-s", "5")
        manage(found, "train_models", "churn", *learned)
        figures = told(measured(found, options))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
