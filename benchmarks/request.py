"""One whole request in the process: WSGI in, WSGI out, authenticated by key, through every middleware, the limits and
the ledger.

    python -m benchmarks.request [--rounds N] [--profile] [--json FILE]

Microseconds of CPU a request (of the process, all threads), the fastest of rounds taken in turns, for
POST /api/predict/churn/?explain=false on 200 LightGBM trees over the Telco columns (made rows of their shape where
the file is absent), for the same with the limits, the ledger and the log of requests switched off one after another,
and for what is within it: so each layer's share is the difference of two lines. The database is one of its own, on
this installation's server, with every commit on disk; the CPU of its process is told beside ours. No socket: the
server's own cost of reading and writing HTTP comes on top and is measured by `benchmarks.peers`.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import json
import pstats
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.fresh_database import fresh_database
from benchmarks.request_layers import Layers, backend_cpu_s, paused, prepare, without

BUDGET_US = 600.0
SLICE_S = 0.05
PATH = "/api/predict/churn/"
WHOLE, BARE = "whole: key, limits, ledger, log", "the same without limits, ledger, log"
PAUSED = "without them, idle for a commit's time"
RATIO = 1.5
"""What limits and records may cost: so many times the same without them."""
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


def calls_of(layers: Layers) -> dict[str, Call]:
    """What is measured, by name."""
    from rest_framework.request import Request as Asked

    from ml_services import serving
    from platform_core.wsgi import application
    from users.authentication import ApiKeyAuthentication

    records, model = layers.records, layers.model
    bodies = [msgspec.json.encode(record) for record in records]
    turn, raws = cycle(records), cycle(bodies)
    decode, encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode
    key = {"HTTP_X_API_KEY": layers.key}
    from django.core.handlers.wsgi import WSGIRequest

    signed = Asked(WSGIRequest(environ("POST", PATH, "", b"", **key)))
    answer = serving.predict_one(layers.company, "churn", records[0], explain=False)
    whole = asked(application, "POST", PATH, bodies, "explain=false", **key)
    return {
        "key": lambda: ApiKeyAuthentication().authenticate(signed),
        "parse": lambda: decode(next(raws)),
        "check and predict": lambda: model.answer(next(turn), explain=False),
        "render": lambda: encode(answer),
        WHOLE: whole,
        "without the ledger": without(whole, "ledger"),
        "without the limits": without(whole, "limits"),
        "without the log of requests": without(whole, "log"),
        BARE: without(whole, "ledger", "limits", "log"),
        PAUSED: paused(without(whole, "ledger", "limits", "log"), layers.commit_s()),
        "whole, with reasons": asked(application, "POST", PATH, bodies, **key),
        "GET /healthz/: all middleware, DRF": asked(application, "GET", "/healthz/", [b""]),
    }


def measured(calls: dict[str, Call], rounds: int, after: Call) -> tuple[dict[str, float], dict[str, float]]:
    """Least CPU microseconds a call, of this process and of the ledger's process in the database. `after`: what is
    done later, beside the requests, and counts too."""
    counts: dict[str, int] = {}
    for name, call in calls.items():
        for _ in range(20):
            call()
        started = time.process_time()
        for _ in range(20):
            call()
        counts[name] = max(20, int(20 * SLICE_S / max(time.process_time() - started, 1e-4)))
    ours: dict[str, list[float]] = {name: [] for name in calls}
    theirs: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            after()
            backend, started = backend_cpu_s(), time.process_time()
            for _ in range(counts[name]):
                call()
            after()
            ours[name].append((time.process_time() - started) / counts[name] * 1e6)
            theirs[name].append((backend_cpu_s() - backend) / counts[name] * 1e6)
    return tuple({name: min(values) for name, values in all.items()} for all in (ours, theirs))  # type: ignore[return-value]


def shares(found: dict[str, float]) -> dict[str, float]:
    """What each layer costs of a whole request."""
    whole = found[WHOLE]
    own = {name: found[name] for name in ("key", "parse", "check and predict", "render")}
    own |= {
        "limits": whole - found["without the limits"],
        "ledger": whole - found["without the ledger"],
        "log of requests": whole - found["without the log of requests"],
    }
    return own | {"Django, DRF, middleware": whole - sum(own.values())}


def told(found: dict[str, float], theirs: dict[str, float]) -> dict[str, Any]:
    """Prints the figures and returns them."""
    for name, value in found.items():
        print(f"  {name:<40} {value:>8.0f} µs CPU")
    print("\nOf a whole request:")
    for name, value in shares(found).items():
        print(f"  {name:<40} {value:>8.0f} µs CPU  {100 * value / found[WHOLE]:>5.1f} %")
    ratio = found[WHOLE] / found[BARE]
    print(f"\n  with limits, ledger and log: {ratio:.2f} times the same without ", end="")
    print(f"({'met' if ratio <= RATIO else 'MISSED'}: at most {RATIO})")
    print(f"  waiting alone: {found[PAUSED] / found[BARE]:.2f} (after a pause the caches are cold); ", end="")
    print(f"beside that {found[WHOLE] / found[PAUSED]:.2f}")
    print(f"  the ledger's process of the database, beside ours: {theirs[WHOLE]:.0f} µs CPU a request")
    print(f"  budget {BUDGET_US:.0f} µs: {'met' if found[WHOLE] < BUDGET_US else 'MISSED'}")
    return {"cpu_us": found, "shares_us": shares(found), "ratio": ratio, "database_cpu_us": theirs[WHOLE]}


def profiled(call: Call) -> None:
    """Prints where the time of a request goes."""
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(2000):
        call()
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(45)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--profile", action="store_true", help="also print where the time of a request goes")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    with fresh_database():
        layers = prepare()
        calls = calls_of(layers)
        found, theirs = measured(calls, options.rounds, layers.after)
        print(layers.source)
        figures = told(found, theirs)
        if options.profile:
            profiled(calls[WHOLE])
    if options.json:
        options.json.write_text(json.dumps({"source": layers.source, **figures}, indent=2))


if __name__ == "__main__":
    main()
