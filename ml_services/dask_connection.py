"""The way to a Dask scheduler: found or refused with what to do, and its workers' libraries compared with ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from ml_services import dask_worker
from ml_services.dask_session import DaskSession
from ml_services.dask_worker import first_line, what_runs_here
from platform_core.errors import TrainingRefused

CONNECT_S = 10.0
EXTRA = 'Install the extra "scale" (pip install "prediction-platform[scale]") or unset TRAINING_BACKEND.'


def connect(backend: str) -> DaskSession:
    """`dask://host:port[?rows=partitioned]`. Raises TrainingRefused: no library, nobody there, no workers, other
    versions."""
    try:
        from distributed import Client
    except ImportError:
        raise TrainingRefused(f"TRAINING_BACKEND names Dask, which is not installed. {EXTRA}") from None
    parts = urlsplit(backend)
    address = f"tcp://{parts.netloc}"
    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError):
        raise TrainingRefused(
            f"Nothing answers at TRAINING_BACKEND={backend}. Start a scheduler there (`dask scheduler`) and workers, "
            "or unset TRAINING_BACKEND to train on this machine."
        ) from None
    try:
        expected = _same_versions(client, parts.netloc)
    except BaseException:
        client.close()
        raise
    partitioned = parse_qs(parts.query).get("rows") == ["partitioned"]
    return DaskSession(client, partitioned=partitioned, expected=expected)


def _same_versions(client: Any, place: str) -> dict[str, str]:
    if not client.nthreads():
        raise TrainingRefused(f"The scheduler at {place} has no workers. Start some: dask worker {place}")
    ours = what_runs_here()
    try:
        theirs: dict[str, dict[str, str]] = client.run(dask_worker.what_runs_here)
    except Exception as problem:  # whatever a worker's import raises means the same
        raise TrainingRefused(
            f"A worker of {place} cannot run this product: {first_line(problem)}. Start workers in a checkout of "
            "the same version, with its virtual environment."
        ) from None
    for worker, found in sorted(theirs.items()):
        for name, version in ours.items():
            if found.get(name) != version:
                raise TrainingRefused(
                    f"The worker {worker} has {name} {found.get(name, 'not at all')}; here it is {version}. Install "
                    'the same versions on every machine (requirements.txt and the extra "scale").'
                )
    return ours


__all__ = ["connect"]
