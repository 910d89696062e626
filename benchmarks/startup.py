"""Seconds from `manage.py serve` to the first answer, on an installation whose sample models are there.

python -m benchmarks.startup [--runs 5]
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
LONGEST_S = 300


def start_once() -> float:
    """One start, timed, and stopped again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, env=dict(os.environ))
    try:
        while time.perf_counter() - started < LONGEST_S:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz/", timeout=2)
                return time.perf_counter() - started
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        raise SystemExit(f"no answer within {LONGEST_S} s")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    start_once()
    seconds = [start_once() for _ in range(runs)]
    print(f"start to first answer: median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s of {runs}")


if __name__ == "__main__":
    main()
