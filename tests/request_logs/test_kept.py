"""The kill load in short: workers die while two companies ask, and nothing answered is lost, doubled or misplaced."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.kept import FAULTS, compared
from benchmarks.kept_client import Answered

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.slow
def test_what_was_answered_is_kept_though_workers_are_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.kept", "--seconds", "6", "--clients", "20", "--kill-every", "2"]
    done = subprocess.run(
        [*command, "--json", str(tmp_path / "counts.json")],
        cwd=ROOT, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    counts = json.loads((tmp_path / "counts.json").read_text())
    assert counts["worker processes killed"] > 0
    assert counts["answered predictions"] > 100
    assert counts["requests in their log"] > 20
    assert [counts[name] for name in FAULTS] == [0] * len(FAULTS)


def test_its_comparison_sees_every_fault() -> None:
    answered = [Answered("1", "alice", "alice-1"), Answered("2", "bob", "bob-1"), Answered("3", "bob", "bob-2")]
    rows = [("1", "bob", "alice-1"), ("2", "bob", "bob-1"), ("4", "bob", "bob-1"), ("5", "alice", "alice-9")]
    counts = compared(answered, rows)
    assert counts["answered, not in the ledger"] == 1
    assert counts["in the ledger twice"] == 1
    assert counts["under the wrong company"] > 0
    assert counts["kept, but their answer was cut off by a kill"] == 1
