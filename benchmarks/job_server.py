"""A server of this checkout with files, workers and two companies, for `benchmarks.jobs`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from benchmarks.peers import ROOT, manage
from benchmarks.processes import peak_mb, stop, tree

PORT = 8775
LOOK_S, LONGEST_LOOK_S = 0.02, 0.5
"""Between two looks at a job, at first and later: a small file's end is seen at once, a large one's costs nothing."""
PEAK_S = 2.0
"""Between two looks at everybody's memory; a process tells its own peak, so this is for those that end before."""
START_LIMIT_S = 60
HIGH = "100000000"
OTHER = "other@example.com"
PASSWORD = "a long password of a benchmark"  # noqa: S105 - of a database that is gone in a minute


@dataclass(frozen=True)
class Job:
    """How a file went: rows, seconds from the upload's answer to the end that the job tells, and of the upload."""

    rows: int
    seconds: float
    upload_s: float

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.seconds


class Server:
    """A running server, and two companies' keys."""

    def __init__(self, process: subprocess.Popen[bytes], keys: dict[str, str]) -> None:
        self.process, self.keys = process, keys
        self.peak = 0.0

    def call(self, method: str, path: str, who: str, **more: Any) -> Any:
        answer = requests.request(
            method, f"http://127.0.0.1:{PORT}{path}", headers={"X-API-Key": self.keys[who]}, timeout=600, **more
        )
        if not answer.ok:
            raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json()

    def send(self, path: Path, who: str) -> tuple[str, float]:
        """The job's id and how long its upload took."""
        started = time.perf_counter()
        with path.open("rb") as stream:
            job = self.call("post", "/api/upload/", who, files={"file": stream},
                            data={"predictor": "churn", "again": "true"})  # fmt: skip
        return job["id"], time.perf_counter() - started

    def wait(self, job: str, who: str) -> dict[str, Any]:
        """The job once it has ended well."""
        look_s, peak_at = LOOK_S, time.monotonic() + PEAK_S
        while True:
            found: dict[str, Any] = self.call("get", f"/api/upload/{job}/", who)
            if found["status"] == "done":
                return found
            if found["status"] in ("failed", "cancelled"):
                raise SystemExit(f"The job {found['status']}: {found['error']}")
            if time.monotonic() > peak_at:
                self.see_peak()
                peak_at = time.monotonic() + PEAK_S
            time.sleep(look_s)
            look_s = min(look_s * 1.1, LONGEST_LOOK_S)

    def see_peak(self) -> None:
        """Looks at the most memory that any of the server's processes has had."""
        self.peak = max(self.peak, *(peak_mb(number) for number in tree(self.process.pid)))

    def done(self, path: Path, who: str = "demo") -> Job:
        job, upload_s = self.send(path, who)
        answered = datetime.now(UTC)
        found = self.wait(job, who)
        if found["rows_done"] + found["rows_rejected"] != found["rows_total"]:
            raise SystemExit(f"Rows do not add up: {found}")
        seconds = (datetime.fromisoformat(found["ended_at"]) - answered).total_seconds()
        self.see_peak()
        self.call_delete(job, who)
        return Job(found["rows_total"], seconds, upload_s)

    def call_delete(self, job: str, who: str) -> None:
        requests.delete(
            f"http://127.0.0.1:{PORT}/api/upload/{job}/", headers={"X-API-Key": self.keys[who]}, timeout=60
        ).raise_for_status()


def prepared(folder: Path) -> dict[str, str]:
    """A database with two companies, both served by the booster that the bare script has; their keys."""
    found = {
        **os.environ, "PLATFORM_HOME": str(folder / "h"), "MODELS_STORE": str(folder / "m"),
        "FILES_STORE": str(folder / "f"), "LOG_LEVEL": "WARNING", "LIMIT_REQUESTS_MINUTE": HIGH,
    }  # fmt: skip
    manage(found, "db", "start")
    manage(found, "migrate", "--verbosity", "0")
    manage(found, "seed_demo")
    install = [sys.executable, "-m", "benchmarks.jobs", "--install", str(folder / "model.pkl")]
    subprocess.run(install, cwd=ROOT, env=found, check=True)
    return found


def install(pickled: Path) -> None:
    """Lets the pickled model serve `churn` for all companies, and makes the second company."""
    import pickle

    from benchmarks import product

    product.prepare()
    from ml_services import artifacts
    from ml_services.base import Trained
    from ml_services.models import ModelVersion
    from ml_services.services import new_version_name
    from platform_core.tenancy import installation_wide
    from users.services import create_company

    model = pickle.loads(pickled.read_bytes())  # noqa: S301 our own file of a minute ago
    version = new_version_name()
    artifacts.save(company_id=None, predictor="churn", version=version, trained=Trained(model, {}, "full"))
    with installation_wide():
        ModelVersion.across_companies.create(predictor="churn", version=version, evidence="full", serving=True)
    create_company(name="Other", slug="other", owner_email=OTHER, password=PASSWORD)


@contextmanager
def serving(found: dict[str, str], workers: int, children: int) -> Iterator[Server]:
    """The server with so many workers of so many child processes each, for a block."""
    keys = {
        slug: manage(found, "create_api_key", slug, "bench", "--scope", "upload").splitlines()[-1]
        for slug in ("demo", "other")
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.product", str(PORT)], cwd=ROOT, start_new_session=True,
        env={**found, "WORKERS": str(workers), "WORKER_PROCESSES": str(children)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    server = Server(process, keys)
    try:
        for _ in range(START_LIMIT_S * 10):
            try:
                server.call("get", "/api/upload/", "demo")
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield server
    finally:
        stop(process)


__all__ = ["Job", "Server", "install", "prepared", "serving"]
