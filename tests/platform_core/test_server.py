"""The web server as it is started: its processes count together, and one that is killed takes nothing along."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from platform_core import env
from tests.platform_core.test_metrics import samples

TOKEN = "a-token-for-the-scraper"
WORKERS = 2
PATIENCE_S = 60.0
START = """
import os, socket
os.environ["DJANGO_SETTINGS_MODULE"] = "platform_core.settings"
from platform_core.server import run
listener = socket.create_server(("127.0.0.1", {port}))
run(listener)
"""


class Served:
    """A server without a database: it is alive, counts and logs all the same."""

    def __init__(self, home: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.log, self.home = home / "log", home
        surroundings = {
            **os.environ, "PLATFORM_HOME": str(home), "METRICS_TOKEN": TOKEN, "WEB_WORKERS": str(WORKERS),
            "WORKERS": "0", "DATABASE_URL": "postgresql://app:a-secret-password@127.0.0.1:1/app", "LOG_LEVEL": "INFO",
        }  # fmt: skip
        command = [sys.executable, "-c", START.format(port=self.port)]
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(command, cwd=env.CHECKOUT, env=surroundings, stdout=out, stderr=out)

    def get(self, path: str, **headers: str) -> str:
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 - our own address
            return str(answer.read().decode())

    def counts(self) -> dict[tuple[str, ...], float]:
        return samples(self.get("/metrics/", Authorization=f"Bearer {TOKEN}"))

    def workers(self) -> list[int]:
        return [child.pid for child in psutil.Process(self.process.pid).children()]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    server = Served(tmp_path_factory.mktemp("home"))
    wait_for(lambda: server.counts()["platform_web_process_starts_total",] == WORKERS)
    yield server
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(timeout=40)


def wait_for(so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            if so():
                return
        except (OSError, KeyError) as problem:
            last: object = problem
        else:
            last = "not so"
        assert time.monotonic() < deadline, last
        time.sleep(0.1)


def raw(port: int, request: str) -> str:
    """What comes back for these bytes, until the server closes or has nothing more to say."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall(request.encode("latin-1"))
        wire.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: wire.recv(65536), b"")).decode("latin-1")


SMUGGLED = "GET /metrics/ HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "headers",
    [
        "X-Request-ID: a\rSet-Cookie: stolen=1",
        "X-Request-ID: a\x00b",
        "X-Request-ID : a",
        "Bad Name: a",
        f"Content-Length: {len(SMUGGLED)}\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: +5",
        "Transfer-Encoding: xchunked",
        "X-Long: " + "a" * 100_000,
    ],
)
def test_a_request_that_two_servers_could_read_differently_is_refused(served: Served, headers: str) -> None:
    said = raw(served.port, f"POST /healthz/ HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n{SMUGGLED}")
    assert said == "" or said.startswith(("HTTP/1.1 4", "HTTP/1.1 501")), said[:300]
    assert "stolen" not in said
    assert said.count("HTTP/1.1 ") <= 1


@pytest.mark.slow
def test_a_killed_process_takes_no_count_along_and_its_log_is_lines_of_json(served: Served) -> None:
    key = ("platform_requests_total", "GET", "healthz", "200")
    for _ in range(30):
        served.get("/healthz/")
    before = served.counts()[key]
    assert before >= 30
    for round_ in (1, 2):
        os.kill(served.workers()[0], signal.SIGKILL)
        wait_for(lambda expected=WORKERS + round_: served.counts()["platform_web_process_starts_total",] == expected)
    counts = served.counts()
    assert counts[key] == before
    assert counts["platform_web_processes",] == WORKERS
    assert counts["platform_database_up",] == 0
    lines = [json.loads(line) for line in served.log.read_text().splitlines()]
    assert {"gunicorn.error", "ml_services.serving"} <= {line["logger"] for line in lines}
    assert "a-secret-password" not in served.log.read_text()
