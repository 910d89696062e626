"""What work costs on both sides: seconds of the clock, of CPU of this process and of the database's, and how loaded the
machine was meanwhile. The database's side by /proc: where it runs on this machine, and Linux does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import own_s, peak_mb


@dataclass(frozen=True, slots=True)
class Cost:
    """`database_cpu_s`, `database_peak_mb`: of the session that the work was done in, its part of the shared buffers
    included; None where it cannot be seen. `load`: the last minute's, before and after."""

    seconds: float
    cpu_s: float
    database_cpu_s: float | None
    database_peak_mb: float | None
    load: tuple[float, float]

    def __str__(self) -> str:
        theirs = "unknown" if self.database_cpu_s is None else f"{self.database_cpu_s:.1f}"
        before, after = self.load
        cpu = f"CPU: {self.cpu_s:.1f} here, {theirs} in the database"
        return f"{self.seconds:.1f} s ({cpu}; load {before:.1f} to {after:.1f})"


def cost(work: Callable[[], Any]) -> tuple[Cost, Any]:
    """Of one call, and what it gave."""
    session, load = _session(), os.getloadavg()[0]
    started, cpu, theirs = time.perf_counter(), time.process_time(), _cpu_s(session)
    found = work()
    seconds, cpu, after = time.perf_counter() - started, time.process_time() - cpu, _cpu_s(session)
    seen = None if theirs is None or after is None else after - theirs
    return Cost(seconds, cpu, seen, None if seen is None else peak_mb(session), (load, os.getloadavg()[0])), found


def _session() -> int:
    """The process in which the database serves Django's connection."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _cpu_s(session: int) -> float | None:
    """None where the number is nobody's here, or another process's: the database is on another machine then."""
    try:
        name, _, figures = Path(f"/proc/{session}/stat").read_text(encoding="utf-8").rpartition(")")
    except OSError:
        return None
    return own_s(figures.split()) if "postgres" in name else None


__all__ = ["Cost", "cost"]
