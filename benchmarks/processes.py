"""Processes of this machine, their CPU and their memory, by /proc: Linux only."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

STOP_LIMIT_S = 5.0
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
PARENT, SESSION, OWN_TIME, SYSTEM_TIME, ENDED_OWN_TIME, ENDED_SYSTEM_TIME = 1, 3, 11, 12, 13, 14
"""Places in /proc/PID/stat after the name: parent, session, CPU time in user and system mode, and that of children that
have ended."""
IDLE, WAITING = 3, 4
"""Places in the first line of /proc/stat."""


def everything() -> Iterator[tuple[int, list[str]]]:
    """Number and figures of each process there is."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            figures = (folder / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        except OSError:
            continue
        yield int(folder.name), figures


def of_session(session: int) -> Iterator[tuple[int, list[str]]]:
    """Those that the server started."""
    return ((number, figures) for number, figures in everything() if int(figures[SESSION]) == session)


def own_s(figures: list[str]) -> float:
    """Seconds of CPU of a process itself."""
    return (int(figures[OWN_TIME]) + int(figures[SYSTEM_TIME])) * TICK_S


def ended_s(figures: list[str]) -> float:
    """Seconds of CPU of its children that have ended."""
    return (int(figures[ENDED_OWN_TIME]) + int(figures[ENDED_SYSTEM_TIME])) * TICK_S


def cpu_s(session: int) -> float:
    return sum(own_s(figures) for _, figures in of_session(session))


def busy_s() -> float:
    figures = Path("/proc/stat").read_text(encoding="utf-8").split("\n")[0].split()[1:9]
    return sum(int(value) for place, value in enumerate(figures) if place not in (IDLE, WAITING)) * TICK_S


def tree(root: int) -> list[int]:
    """A process and all that it started and they started, alive now."""
    children: dict[int, list[int]] = {}
    for number, figures in everything():
        children.setdefault(int(figures[PARENT]), []).append(number)
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def peak_mb(number: int) -> float:
    """The most memory that a process has had; 0 where it is gone."""
    try:
        status = Path(f"/proc/{number}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


def memory_mb(session: int) -> float:
    """Proportional set size: shared pages are counted once."""
    total = 0
    for number, _ in of_session(session):
        for line in Path(f"/proc/{number}/smaps_rollup").read_text(encoding="utf-8").splitlines():
            total += int(line.split()[1]) if line.startswith("Pss:") else 0
    return total / 1024


def tree_cpu_s(parent: int) -> float:
    """Seconds of CPU of a process, of its children, and of those that have ended."""
    total = 0.0
    for number, figures in everything():
        if number == parent:
            total += own_s(figures) + ended_s(figures)
        elif int(figures[PARENT]) == parent:
            total += own_s(figures)
    return total


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the server and all that it started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for number, _ in list(of_session(process.pid)):
            os.kill(number, sign)
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            continue
        if not list(of_session(process.pid)):
            return


__all__ = [
    "busy_s", "cpu_s", "ended_s", "everything", "memory_mb", "of_session", "own_s", "peak_mb", "stop", "tree",
    "tree_cpu_s",
]  # fmt: skip
