"""One whole request in the process: WSGI in, WSGI out, authenticated by key, through every middleware.

    python -m benchmarks.request [--rounds N] [--profile] [--json FILE]

Microseconds of CPU a request (of the process, all threads), medians over rounds taken in turns, for
POST /api/predict/churn/?explain=false on 200 LightGBM trees over the Telco columns (made rows of their shape where
the file is absent), and for what is within it: so each layer's share is the difference of two lines. No socket: the
server's own cost of reading and writing HTTP comes on top and is measured by `benchmarks.peers`.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import json
import logging
import os
import pstats
import statistics
import time
import warnings
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import msgspec

BUDGET_US = 600.0
SLICE_S = 0.15
PATH = "/api/predict/churn/"
KEY = "pk_of-the-benchmark"
COMPANY = 1
Call = Callable[[], Any]


def environ(method: str, path: str, query: str, body: bytes, **headers: str) -> dict[str, Any]:
    """What gunicorn hands over, with the headers that curl sends."""
    return {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000", "HTTP_USER_AGENT": "curl/8.5.0", "HTTP_ACCEPT": "*/*",
        "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http", "wsgi.errors": io.StringIO(), "wsgi.multithread": True, "wsgi.multiprocess": True,
        "wsgi.version": (1, 0), "wsgi.run_once": False, **headers,
    }  # fmt: skip


def asked(application: Any, method: str, path: str, bodies: list[bytes], query: str = "", **headers: str) -> Call:
    """A call that sends the next body and reads the answer."""
    turn = cycle(bodies)
    statuses: list[str] = []

    def call() -> bytes:
        statuses.clear()
        given = environ(method, path, query, next(turn), **headers)
        answer = application(given, lambda status, headers, *rest: statuses.append(status))
        content = b"".join(answer)
        answer.close()
        assert statuses[0].startswith("200"), (statuses, content)
        return content

    return call


def prepare() -> tuple[list[dict[str, Any]], Any, str]:
    """Puts the model to work and the key into the process's memory. Returns records, model and what was learned."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_core.settings")
    import django

    django.setup()
    logging.disable(logging.WARNING)
    from benchmarks.serving import lightgbm_peer
    from benchmarks.serving_rows import telco
    from ml_services import registry, serving
    from ml_services.calibration import Sigmoid
    from ml_services.presentation import Learned
    from ml_services.tabular import TabularModel
    from users import keys

    rows = telco()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = lightgbm_peer(rows.X, rows.y)
    churn: Any = registry.predictor("churn")
    model = TabularModel(rows.encoder, peer.scorer, Sigmoid(), churn.presentation(Learned(share=float(rows.y.mean()))))
    info = {"name": "churn", "version": "bench", "trained_at": "2026-01-01T00:00:00Z", "evidence": "full"}
    serving._slots[(None, "churn")] = serving.Slot(churn, model, info)
    serving._state["known"] = True
    holder = keys.KeyHolder(1, COMPANY, frozenset({"predict"}), None)
    keys._cache[keys.digest(KEY)] = (float("inf"), holder)
    return rows.records, model, f"{rows.source}: {len(rows.encoder.fields)} fields"


def calls_of(records: list[dict[str, Any]], model: Any) -> dict[str, Call]:
    from ml_services import serving
    from platform_core.wsgi import application

    bodies = [msgspec.json.encode(record) for record in records]
    turn, raws = cycle(records), cycle(bodies)
    decode, encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode
    key = {"HTTP_X_API_KEY": KEY}
    return {
        "model: encode, score, calibrate": lambda: model.answer(next(turn), explain=False),
        "serving between two JSON texts": lambda: encode(
            serving.predict_one(COMPANY, "churn", decode(next(raws)), explain=False)
        ),
        "GET /healthz/: all middleware, DRF": asked(application, "GET", "/healthz/", [b""]),
        "POST churn, whole, no reasons": asked(application, "POST", PATH, bodies, "explain=false", **key),
        "POST churn, whole, with reasons": asked(application, "POST", PATH, bodies, **key),
    }


def measured(calls: dict[str, Call], rounds: int) -> dict[str, float]:
    """Median CPU microseconds a call."""
    counts: dict[str, int] = {}
    for name, call in calls.items():
        for _ in range(20):
            call()
        started = time.process_time()
        for _ in range(20):
            call()
        counts[name] = max(20, int(20 * SLICE_S / max(time.process_time() - started, 1e-4)))
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            started = time.process_time()
            for _ in range(counts[name]):
                call()
            times[name].append((time.process_time() - started) / counts[name] * 1e6)
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--profile", action="store_true", help="also print where the time of a request goes")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    records, model, source = prepare()
    calls = calls_of(records, model)
    found = measured(calls, options.rounds)
    print(source)
    for name, value in found.items():
        print(f"  {name:<40} {value:>8.0f} µs CPU")
    whole = found["POST churn, whole, no reasons"]
    print(f"  budget {BUDGET_US:.0f} µs: {'met' if whole < BUDGET_US else 'MISSED'}")
    if options.profile:
        profile, call = cProfile.Profile(), calls["POST churn, whole, no reasons"]
        profile.enable()
        for _ in range(2000):
            call()
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)
    if options.json:
        options.json.write_text(json.dumps({"source": source, "cpu_us": found}, indent=2))


if __name__ == "__main__":
    main()
