"""Trainings on a server under load, stopped and going on in turns, for `benchmarks.serving_while_training`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests

from benchmarks import processes
from benchmarks.peers import ROOT

PORT = 8777
TURN_S = 2.0
SETTLE_S = 0.2
"""Of each turn: what was due then may still stand in line for the other."""
LEARNS = "lead-score"
"""What the rounds are of: the demo company has leads to learn from."""
START_S = 5.0
GO = "now\n"
ENDS = ("done", "failed", "cancelled")


def call(method: str, path: str, key: str, **more: Any) -> dict[str, Any]:
    """An answer of the API."""
    answer = requests.request(
        method, f"http://127.0.0.1:{PORT}/api/{path}", headers={"X-API-Key": key}, timeout=60, **more
    )
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


class Turns:
    """What is learned beside serving: `begin` starts it and says where its run is. Over when it has ended, after
    `least_s` at the earliest."""

    def __init__(self, server: int, key: str, begin: Callable[[], str], least_s: float) -> None:
        self.server, self.key, self.begin = server, key, begin
        self.until = time.perf_counter() + least_s
        self.changes: list[tuple[float, bool]] = []
        self.done, self.status = False, ""
        threading.Thread(target=self._watch).start()

    def _watch(self) -> None:
        try:
            run, on = self.begin(), True
            while (run and self.status not in ENDS) or time.perf_counter() < self.until:
                self.changes.append((time.perf_counter(), on))
                self._tell(signal.SIGCONT if on else signal.SIGSTOP)
                time.sleep(TURN_S)
                if run and on:
                    self.status = call("get", run, self.key)["status"]
                on = not on
        finally:
            self._tell(signal.SIGCONT)
            self.changes.append((time.perf_counter(), True))
            self.done = True

    def _tell(self, sign: signal.Signals) -> None:
        for number in processes.tree(self.server):
            with suppress(OSError):
                if b"train_models" in Path(f"/proc/{number}/cmdline").read_bytes():
                    os.kill(number, sign)

    def over(self) -> bool:
        """Whether it has come to its end."""
        return self.done

    def of(self, answers: list[tuple[float, float]], on: bool) -> list[float]:
        """Milliseconds of the requests that were due while the training went on (or was stopped)."""
        spans = [
            (begun + SETTLE_S, ended)
            for (begun, going), (ended, _) in zip(self.changes, self.changes[1:], strict=False) if going is on
        ]  # fmt: skip
        return [took * 1e3 for due, took in answers if any(begun <= due < ended for begun, ended in spans)]


def training(key: str, file: Path, target: str, budget_s: float) -> str:
    """Begins a training by the API; where its run is."""
    with file.open("rb") as stream:
        asked = {"target": target, "budget_s": str(budget_s)}
        run = call("post", "models/churn/train/", key, files={"file": stream}, data=asked)
    return f"models/churn/runs/{run['id']}/"


@contextmanager
def round_opener(surroundings: dict[str, str]) -> Iterator[Callable[[], str]]:
    """What puts a round of the pipeline into the queue, all that it needs loaded before."""
    command = [sys.executable, "-c", "from benchmarks.learning_turns import open_round; open_round()"]
    with subprocess.Popen(
        command, cwd=ROOT, env=surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        time.sleep(START_S)
        yield lambda: f"models/{LEARNS}/runs/{process.communicate(GO)[0].split()[-1]}/"


def open_round() -> None:
    """Opens a round at the first line that comes in, and says its number."""
    from benchmarks import product

    product.prepare()
    from datetime import UTC, datetime

    from file_uploads.retraining import rounds, triggers
    from platform_core.tenancy import company_in_force
    from users.services import company_of

    with company_in_force(company_of("demo").pk):
        sys.stdin.readline()
        now = datetime.now(UTC).replace(microsecond=0)
        print(rounds.open_round(predictor=LEARNS, trigger=triggers.Trigger("person", "benchmark"), as_of=now).pk)


__all__ = ["PORT", "Turns", "open_round", "round_opener", "training"]
