"""As a new user would: start it on an empty home, paste the printed line, stop it, start it again."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FIRST_START_S = 240


@pytest.fixture(scope="module")
def surroundings() -> Iterator[dict[str, str]]:
    """An empty home and an empty model store, and nothing else in the environment."""
    base = Path(tempfile.mkdtemp(prefix="first"))
    base.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    yield {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "PLATFORM_HOME": str(base / "home"),
        "MODELS_STORE": str(base / "models"),
        "PORT": str(port),
    }
    shutil.rmtree(base, ignore_errors=True)


class Product:
    """`manage.py serve` as a process; `text` is what it has printed."""

    def __init__(self, surroundings: dict[str, str], log: Path) -> None:
        self.log, self.port = log, surroundings["PORT"]
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT, env=surroundings, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip

    @property
    def text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait(self, seconds: float) -> float:
        """Seconds until the first answer."""
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            assert self.process.poll() is None, self.text
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz/", timeout=2)
                return time.monotonic() - started
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise AssertionError(f"no answer within {seconds} s: {self.text}")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=40)


@pytest.mark.slow
@pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="a first run is on the embedded database")
def test_a_first_run_prints_a_line_that_works_and_the_second_trains_nothing(
    surroundings: dict[str, str], tmp_path: Path
) -> None:
    first = Product(surroundings, tmp_path / "first.log")
    try:
        first.wait(FIRST_START_S)
        line = next(line for line in first.text.splitlines() if line.startswith("curl"))
        answer = json.loads(subprocess.run(line, shell=True, capture_output=True, check=True, timeout=30).stdout)  # noqa: S602
        assert 0 <= answer["probability"] <= 1, answer
        assert answer["reasons"]
        total = answer["base"] + answer["other_effects"] + sum(reason["effect"] for reason in answer["reasons"])
        assert abs(total - answer["raw"]) < 1e-6
        assert re.search(r"Sign in +demo@example\.com / \S+", first.text)
        assert "Traceback" not in first.text
        taken = subprocess.run(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert taken.returncode == 1
        assert "is taken by another program" in taken.stderr
    finally:
        first.stop()
    second = Product(surroundings, tmp_path / "second.log")
    try:
        second.wait(60)
        assert "Training the sample models" not in second.text
    finally:
        second.stop()
    status = subprocess.run(
        [sys.executable, "manage.py", "db", "status"],
        cwd=ROOT, env=surroundings, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "not running" in status.stdout
