"""What limits, ledger and log cost a request that is served: web processes, asked over HTTP by some clients at once.

    python -m benchmarks.served [--rounds 3] [--secs 6] [--clients 16] [--json FILE]

CPU of the web server's processes a request (all threads, user and system), and beside it the database's, for
POST /api/predict/churn/?explain=false by API key: whole, and with the ledger, the limits and the log of requests
switched off, in turns, on one database, in one run. Requests that arrive together share a commit, as they do in
production; `benchmarks.request` shows one request after another, in the process, without HTTP.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks import load, processes
from benchmarks.peers import DISTURBED_PCT, ROOT, manage, own_home, turns
from benchmarks.request import BARE, RATIO, WHOLE

PORT = 8773
VARIANTS = {
    WHOLE: "",
    "without the ledger": "ledger",
    "without the limits": "limits",
    "without the log of requests": "log",
    BARE: "ledger,limits,log",
}


def serve(port: int, switched_off: str) -> None:
    """The web server with some layers switched off, until a signal ends it."""
    from benchmarks import product

    if "limits" in switched_off:
        from platform_core import env

        os.environ |= {name: "0" for name in env.SETTINGS if name.startswith("LIMIT_")}
    product.prepare()
    from benchmarks.request_layers import switch_off

    switch_off([layer for layer in switched_off.split(",") if layer and layer != "limits"])
    product.serve(port)


def surroundings(home: Path) -> dict[str, str]:
    """A folder with a database, the sample model, a company and its key; what to ask with."""
    found = {**os.environ, "PLATFORM_HOME": str(home / "h"), "MODELS_STORE": str(home / "m"), "WORKERS": "0"}
    manage(found, "db", "start")
    manage(found, "migrate", "--verbosity", "0")
    manage(found, "train_models", "churn")
    manage(found, "seed_demo")
    found["KEY"] = manage(found, "create_api_key", "demo", "bench").splitlines()[-1]
    return found


def asked(found: dict[str, str], name: str) -> load.Target:
    """A variant and the request that it is asked with."""
    from ml_services.predictors.churn import Churn
    from ml_services.schema import example_record

    return load.Target(
        name,
        [sys.executable, "-m", "benchmarks.served", "--serve", str(PORT), "--off", VARIANTS[name]],
        f"http://127.0.0.1:{PORT}/api/predict/churn/?explain=false",
        json.dumps(example_record(Churn.inputs)).encode(),
        f"X-API-Key: {found['KEY']}",
        ROOT,
        found,
    )


def told(found: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    """Prints medians and returns them."""
    medians = {
        name: {key: statistics.median(run[key] for run in runs) for key in runs[0]} for name, runs in found.items()
    }
    for name, one in medians.items():
        print(f"  {name:<40} {one['cpu_us']:>6.0f} µs CPU, database {one['beside_us']:>4.0f} µs, ", end="")
        print(f"{one['rps']:>6.0f} requests/s, p99 {one['p99']:>5.1f} ms")
    whole, bare = medians[WHOLE]["cpu_us"], medians[BARE]["cpu_us"]
    print("\nEach layer's share of a whole request:")
    for name in list(VARIANTS)[1:-1]:
        share = whole - medians[name]["cpu_us"]
        print(f"  {name.removeprefix('without the '):<40} {share:>7.0f} µs CPU  {100 * share / whole:>5.1f} %")
    ratios = [w["cpu_us"] / b["cpu_us"] for w, b in zip(found[WHOLE], found[BARE], strict=True)]
    verdict = "met" if whole / bare <= RATIO else "MISSED"
    print(
        f"\n  with limits, ledger and log: {whole / bare:.2f} times the same without ({verdict}: at most {RATIO}); ",
        end="",
    )
    print("by round " + ", ".join(f"{ratio:.2f}" for ratio in ratios))
    both = [medians[name]["cpu_us"] + medians[name]["beside_us"] for name in (WHOLE, BARE)]
    print(f"  the database's CPU included: {both[0] / both[1]:.2f} times")
    disturbed = max(one["foreign_pct"] for one in medians.values())
    if disturbed > DISTURBED_PCT:
        print(f"  others took {disturbed:.0f} % of the machine: it was not quiet")
    return {"medians": medians, "ratio": whole / bare, "ratios": ratios, "with_database": both[0] / both[1]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--secs", type=float, default=6)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--off", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.off)
        return
    found: dict[str, list[dict[str, float]]] = defaultdict(list)
    with own_home() as home:
        prepared = surroundings(home)
        postmaster = int(next(home.rglob("postmaster.pid")).read_text(encoding="utf-8").split()[0])
        for name in turns(list(VARIANTS), options.rounds):
            target = asked(prepared, name)
            record = load.measured(target, options.clients, options.secs, lambda: processes.tree_cpu_s(postmaster))
            found[name].append(record[f"c{options.clients}"])
    figures = told({name: found[name] for name in VARIANTS})
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
