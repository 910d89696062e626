"""What runs inside a worker of Dask: what joblib has packed, on one thread, by the client's code and libraries."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ml_services.card import library_versions
from platform_core.errors import TrainingRefused

KEPT = 2
"""Calls whose prepared state (LightGBM's binned rows) stays for their next fold."""
_works: OrderedDict[str, Any] = OrderedDict()
_lock = threading.Lock()


@cache
def what_runs_here() -> dict[str, str]:
    """Versions of Python, of the libraries, and of this room's own code (by its digest)."""
    own = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        own.update(path.read_bytes())
    named = {name: version(name) for name in ("dask", "distributed", "joblib")}
    return {**library_versions(), **named, "this product": own.hexdigest()[:12]}


@cache
def _one_thread() -> Any:
    """Once and for good: a limit that each fit set and took back would let others of this process have more."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    return threadpool_limits(1)


def run_calls(expected: dict[str, str], calls: list[tuple[Any, list[Any], dict[str, Any]]]) -> list[Any]:
    """What the calls return. Raises TrainingRefused on a worker that came later with other versions."""
    from joblib import parallel_config

    if what_runs_here() != expected:
        raise TrainingRefused("A worker joined TRAINING_BACKEND with other versions than its client's. Take it away.")
    _one_thread()
    with parallel_config(backend="sequential"):
        return [function(*given, **named) for function, given, named in calls]


def run_fit(call: str, work: Any, problem: Any, item: Any) -> tuple[Any, float]:
    """`work(problem, item)` and its seconds."""
    with _lock:
        work = _works.setdefault(call, work)
        while len(_works) > KEPT:
            _works.popitem(last=False)
    started = time.perf_counter()
    found = work(problem, item)
    return found, time.perf_counter() - started


def first_line(problem: BaseException) -> str:
    """What an error says first."""
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0]


__all__ = ["first_line", "run_calls", "run_fit", "what_runs_here"]
