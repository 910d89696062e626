"""A real cluster of two worker processes."""

from __future__ import annotations

from typing import Any


def two_workers() -> Any:
    """For a `with`: its scheduler is in this process."""
    from distributed import LocalCluster

    return LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1")


__all__ = ["two_workers"]
