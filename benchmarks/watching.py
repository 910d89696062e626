"""What watching costs a request: its count for /metrics/, its line in the log, the headers of its answer.

    python -m benchmarks.watching [--requests N]

Microseconds of CPU (of the process) a request, the best of five rounds: a machine that is busy makes some rounds
worse, none better. Nothing is sent; the log's lines are written to /dev/null.
"""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROUNDS = 5
Handle = Callable[[Any], Any]


def cpu_us(handle: Handle, request: Any, requests: int) -> float:
    """CPU a request."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(requests):
            handle(request)
        best = min(best, (time.process_time() - began) / requests * 1e6)
    return best


def prepare(folder: Path) -> tuple[Any, Handle]:
    """A request that was routed, and what answers it in no time; counts go to files, as in a web process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_core.settings")
    import django

    django.setup()
    from django.http import HttpResponse
    from django.test import RequestFactory

    from platform_core import logs, metrics

    metrics.begin(folder, 0)
    nowhere = logging.StreamHandler(Path(os.devnull).open("w"))  # noqa: SIM115 - open as long as the process
    nowhere.setFormatter(logs.JsonLine())
    logging.getLogger().handlers = [nowhere]
    request = RequestFactory().post("/api/predict/churn/")
    request.resolver_match = SimpleNamespace(view_name="predict-churn")  # type: ignore[assignment]
    answer = HttpResponse(b"x" * 1800, content_type="application/json")
    headers = dict(answer.headers._store)

    def answered(request: Any) -> HttpResponse:
        answer.headers._store = dict(headers)
        return answer

    return request, answered


def measure(requests: int) -> dict[str, float]:
    """Each part's cost, beyond that of answering in no time."""
    with tempfile.TemporaryDirectory() as folder:
        request, answered = prepare(Path(folder))
        from platform_core import middleware

        nothing = cpu_us(answered, request, requests)
        line = logging.getLogger("access")
        line.setLevel(logging.WARNING)
        counted = cpu_us(middleware.Measured(answered), request, requests)
        line.setLevel(logging.INFO)
        written = cpu_us(middleware.Measured(answered), request, requests)
        careful = cpu_us(middleware.CarefulHeaders(answered), request, requests)
        named = cpu_us(middleware.RequestId(answered), request, requests)
    return {
        "counted for /metrics/": counted - nothing,
        "its line in the log": written - counted,
        "headers of its answer": careful - nothing,
        "its id": named - nothing,
    }


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    for name, cost in measure(parser.parse_args().requests).items():
        print(f"{name:<24} {cost:6.1f} µs")


if __name__ == "__main__":
    main()
