"""The server of the kill load: this code on a fresh database with some companies, in a process tree of its own."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fresh_database import company_with_key, fresh_database

START_S = 60
WORKERS = 3
MANY = str(10**8)
"""The limits are on, and too high to refuse what the load asks."""
ENVIRONMENT = {
    "WEB_WORKERS": str(WORKERS), "WEB_THREADS": "8", "LOG_LEVEL": "ERROR", "LIMIT_KEY_MINUTE": MANY,
    "LIMIT_KEY_DAY": MANY, "LIMIT_COMPANY_MINUTE": MANY, "LIMIT_COMPANY_DAY": MANY, "LIMIT_ADDRESS_MINUTE": MANY,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: where it listens, and a key of each company."""

    port: int
    keys: dict[str, str]
    process: subprocess.Popen[bytes]

    def workers(self) -> list[int]:
        """The worker processes alive."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return [int(pid) for pid in children.split()]

    def kill_one(self) -> int:
        """Kills one worker at random, as running out of memory would. Says how many."""
        alive = self.workers()
        if not alive:
            return 0
        os.kill(random.choice(alive), signal.SIGKILL)
        return 1

    def ledger(self) -> list[tuple[str, str, str]]:
        """Prediction id, company's slug and external id of every row."""
        from django.db import connection

        from platform_core.tenancy import installation_wide

        with installation_wide(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT p.id::text, c.slug, p.external_id FROM request_logs_prediction p "
                "JOIN users_company c ON c.id = p.company_id"
            )
            return list(cursor.fetchall())

    def logged(self) -> int:
        """How many requests are in their log; the last second of a killed process is not."""
        from django.db import connection

        from platform_core.tenancy import installation_wide

        with installation_wide(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM request_logs_request")
            return int(cursor.fetchone()[0])


@contextmanager
def served(companies: Sequence[str]) -> Iterator[Served]:
    """Serves a fresh database for a block, and drops it."""
    os.environ |= ENVIRONMENT
    with fresh_database():
        keys = {slug: company_with_key(slug)[1] for slug in companies}
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "benchmarks.kept_server", str(port)]
        process = subprocess.Popen(command, env=dict(os.environ))
        try:
            _wait(port, process)
            yield Served(port, keys, process)
        finally:
            process.terminate()
            process.wait(60)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz/", timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The server did not start.")


def main() -> None:
    """Serves as `manage.py serve` does once everything is prepared."""
    import django

    django.setup()
    from django.db import connections

    from platform_core.management.commands.serve import bind
    from platform_core.server import run

    listener = bind("127.0.0.1", int(sys.argv[1]))
    connections.close_all()
    run(listener)


if __name__ == "__main__":
    main()
