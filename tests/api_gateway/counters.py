"""The stores of the limits' counters, as tests use them: each on a server of its own, with a clock that tests move."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from api_gateway.limits.windows import Budget, Window

NOON = 1_800_014_400
"""2027-01-15 12:00 UTC."""
PATIENCE_S = 10
HAS_REDIS = shutil.which("redis-server") is not None
WHY_NO_REDIS = "redis-server is not installed: the counters in Redis are not tested here"


class Clock:
    """A clock that tests move."""

    def __init__(self, now: float = NOON + 10) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def minute(limit: int, most: int = 0) -> Window:
    """A window of a minute."""
    name = f"{limit} predictions a minute for a key"
    return Window("key-predictions-minute:", name, 60, limit, most or limit)


def day(limit: int) -> Window:
    """A window of a day."""
    return Window("key-predictions-day:", f"{limit} {Budget.PREDICTIONS} a day for a key", 86_400, limit, limit)


def begin_anew(url: str) -> None:
    """Empties the counters of a Redis that the tests were given; those in the database go with each test."""
    if url:
        with redis.Redis.from_url(url) as client:
            client.flushdb()


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """The address of a Redis that lives for the block."""
    path = folder / "redis.sock"
    command = ["redis-server", "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url, ends = f"unix://{path}", time.monotonic() + PATIENCE_S
        with redis.Redis.from_url(url) as client:
            while True:
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    assert time.monotonic() < ends, "redis-server does not answer"
                    time.sleep(0.02)
        yield url
    finally:
        server.terminate()
        server.wait(PATIENCE_S)
