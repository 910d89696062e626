"""Nothing that was answered is lost: a load while worker processes are killed.

    python -m benchmarks.kept [--seconds 60] [--clients 50] [--kill-every 3] [--json FILE]

Makes a database of its own beside this installation's, with two companies; serves it as `manage.py serve` does
(gunicorn, all middleware, limits and ledger on), asks with CLIENTS threads for both companies, one record or a batch,
every third client with an Idempotency-Key under which it asks again until it is answered, and kills (-9) one worker
process at random every few seconds. Then compares what the clients were answered with the ledger: every prediction
of a 2xx answer is there, under its company and its caller's id; none is there twice. Exit 1 where that does not hold.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.kept_client import Answered, Client
from benchmarks.kept_server import Served, served

COMPANIES = ("alice", "bob")
FLUSHED_S = 2.0
"""Within which the log of requests is written."""


def load(server: Served, clients: int, seconds: float, kill_every: float) -> tuple[list[Client], int]:
    """Asks from many threads until the time is over; meanwhile kills workers. Returns the clients and the kills."""
    stop = threading.Event()
    asking = [
        Client(server.port, server.keys[COMPANIES[number % 2]], COMPANIES[number % 2], number, stop)
        for number in range(clients)
    ]
    threads = [threading.Thread(target=client.run, name=f"client-{client.number}") for client in asking]
    for thread in threads:
        thread.start()
    kills, end = 0, time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, random.uniform(0.5, 1.5) * kill_every))
        if end - time.monotonic() > 1:
            kills += server.kill_one()
    stop.set()
    for thread in threads:
        thread.join(60)
    return asking, kills


def compared(answered: list[Answered], rows: list[tuple[str, str, str]]) -> dict[str, int]:
    """Answers against ledger rows (prediction id, company, external id)."""
    kept = {mark: (company, external_id) for mark, company, external_id in rows}
    per_external_id = Counter(external_id for _, _, external_id in rows)
    asked_for = {one.external_id: one.company for one in answered}
    return {
        "answered predictions": len(answered),
        "rows in the ledger": len(rows),
        "answered, not in the ledger": sum(one.prediction_id not in kept for one in answered),
        "answered with one id twice": len(answered) - len({one.prediction_id for one in answered}),
        "in the ledger twice": sum(count - 1 for count in per_external_id.values()),
        "under the wrong company": sum(
            kept[one.prediction_id] != (one.company, one.external_id) for one in answered if one.prediction_id in kept
        )
        + sum(company != asked_for[external_id] for _, company, external_id in rows if external_id in asked_for)
        + sum(not external_id.startswith(f"{company}-") for _, company, external_id in rows),
        "kept, but their answer was cut off by a kill": sum(
            external_id not in asked_for for _, _, external_id in rows
        ),
    }  # fmt: skip


FAULTS = (
    "answered, not in the ledger", "answered with one id twice", "in the ledger twice", "under the wrong company",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--kill-every", type=float, default=3, help="seconds, on average")
    parser.add_argument("--json", type=Path, help="also write the counts here")
    options = parser.parse_args()
    with served(COMPANIES) as server:
        clients, kills = load(server, options.clients, options.seconds, options.kill_every)
        rows = server.ledger()
        time.sleep(FLUSHED_S)
        logged = server.logged()
    answered = [one for client in clients for one in client.answered]
    statuses: Counter[int] = sum((client.statuses for client in clients), Counter())
    counts: dict[str, Any] = compared(answered, rows)
    told = {
        "clients": options.clients,
        "seconds": options.seconds,
        "worker processes killed": kills,
        "answers by status (0: connection lost)": dict(sorted(statuses.items())),
        "asked again under the same Idempotency-Key": sum(client.asked_again for client in clients),
        "requests in their log": logged,
        **counts,
    }
    for name, value in told.items():
        print(f"{name:<48} {value}")
    if options.json:
        options.json.write_text(json.dumps(told, indent=2))
    wrong = [name for name in FAULTS if counts[name]]
    print("NOT KEPT: " + ", ".join(wrong) if wrong else "Everything answered is kept, once, under its company.")
    sys.exit(1 if wrong or not answered or (kills == 0 and options.seconds > 2 * options.kill_every) else 0)


if __name__ == "__main__":
    main()
