"""Who waits for whom on a busy machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from platform_core import priority
from platform_core.priority import stand_behind

WAITS = "import sys; sys.stdin.read()"


@contextmanager
def waiting(*, own_session: bool) -> Iterator[int]:
    """A process that does nothing."""
    with subprocess.Popen([sys.executable, "-c", WAITS], stdin=subprocess.PIPE, start_new_session=own_session) as one:
        yield one.pid
        one.communicate()


@pytest.fixture
def autogroup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for the kernel's file, which not every Linux has."""
    monkeypatch.setattr(priority, "AUTOGROUP", str(tmp_path / "{process}"))
    return tmp_path


def test_a_process_with_a_session_of_its_own_stands_behind_with_its_session(autogroup: Path) -> None:
    with waiting(own_session=True) as process:
        stand_behind(process)
        assert os.getpriority(os.PRIO_PROCESS, process) == priority.BEHIND
        assert (autogroup / str(process)).read_text() == str(priority.BEHIND)


def test_whoever_shares_a_session_does_not_take_the_others_behind(autogroup: Path) -> None:
    with waiting(own_session=False) as process:
        stand_behind(process)
        assert os.getpriority(os.PRIO_PROCESS, process) == priority.BEHIND
    assert not list(autogroup.iterdir())


def test_the_kernel_takes_it_where_it_weighs_sessions() -> None:
    with waiting(own_session=True) as process:
        stand_behind(process)
        kernel = Path(f"/proc/{process}/autogroup")
        if kernel.exists():
            assert kernel.read_text().split()[-2:] == ["nice", str(priority.BEHIND)]


def test_a_process_that_is_gone_is_no_trouble() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    stand_behind(ended.pid)
