"""A server under load: started, warmed, asked by some clients at once or so often a second, its CPU and memory counted,
stopped.

The clients are coroutines on plain sockets in this process, so that nothing needs to be installed; they take about as
much of the machine from each server that is measured. Linux only: figures come from /proc.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.processes import busy_s, cpu_s, memory_mb, stop

START_LIMIT_S = 90
WARM_S = 3.0


@dataclass(frozen=True)
class Target:
    """What is started, and what is asked of it. `header`: `Name: value`, or empty."""

    name: str
    command: Sequence[str]
    url: str
    body: bytes
    header: str = ""
    folder: Path = Path()
    surroundings: dict[str, str] = field(default_factory=dict)

    @property
    def request(self) -> bytes:
        """The bytes of one HTTP request."""
        place = urlsplit(self.url)
        path = f"{place.path}?{place.query}" if place.query else place.path
        head = [f"POST {path} HTTP/1.1", f"Host: {place.netloc}", "Content-Type: application/json",
                f"Content-Length: {len(self.body)}", *([self.header] if self.header else [])]  # fmt: skip
        return "\r\n".join([*head, "", ""]).encode() + self.body


class Refused(Exception):
    """The server did not answer with 200."""


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
    body = await reader.readexactly(length)
    if b" 200 " not in lines[0] + b" ":
        raise Refused(f"{lines[0].decode()}: {body[:300].decode(errors='replace')}")


async def _client(target: Target, until: float, times: list[float]) -> None:
    place = urlsplit(target.url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    while (started := time.perf_counter()) < until:
        await _ask(reader, writer, target.request)
        times.append(time.perf_counter() - started)
    writer.close()


async def _clients(target: Target, count: int, seconds: float) -> list[float]:
    times: list[float] = []
    until = time.perf_counter() + seconds
    await asyncio.gather(*(_client(target, until, times) for _ in range(count)))
    return times


async def steady(target: Target, rate: float, over: Callable[[], bool]) -> tuple[list[tuple[float, float]], list[str]]:
    """When each request was due (`time.perf_counter`) and its seconds from then on, asked `rate` times a second
    whatever the answers take, until `over()`; and what went wrong. One that had to stand in line counts in full."""
    place = urlsplit(target.url)
    free: asyncio.LifoQueue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.LifoQueue()
    times, wrong = list[tuple[float, float]](), list[str]()

    async def ask(due: float) -> None:
        try:
            pair = await asyncio.open_connection(place.hostname, place.port) if free.empty() else free.get_nowait()
            await _ask(*pair, target.request)
            free.put_nowait(pair)
            times.append((due, time.perf_counter() - due))
        except (OSError, EOFError, Refused) as problem:
            wrong.append(f"{type(problem).__name__}: {problem}"[:200])

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as asked:
        for number in itertools.count():
            due = begun + number / rate
            await asyncio.sleep(max(due - time.perf_counter(), 0.0))
            if over():
                break
            asked.create_task(ask(due))
    while not free.empty():
        free.get_nowait()[1].close()
    return times, wrong


def wait(target: Target, process: subprocess.Popen[bytes]) -> None:
    """Returns at the first answer."""
    for _ in range(START_LIMIT_S * 10):
        if process.poll() is not None:
            raise Refused(f"{target.name} ended with {process.returncode} before it answered.")
        try:
            asyncio.run(_clients(target, 1, 0.01))
            return
        except OSError:
            time.sleep(0.1)
    raise Refused(f"{target.name} did not answer within {START_LIMIT_S} s.")


def measured(
    target: Target, clients: int, seconds: float, beside_cpu_s: Callable[[], float] = lambda: 0.0
) -> dict[str, Any]:
    """Requests a second, 99th percentile, CPU a request (and what `beside_cpu_s` counts, such as a database's), memory,
    and the share of the machine that others took."""
    process = subprocess.Popen(
        target.command, cwd=target.folder, env={**os.environ, **target.surroundings}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait(target, process)
        asyncio.run(_clients(target, clients, WARM_S))
        before = busy_s(), cpu_s(process.pid), time.process_time(), beside_cpu_s(), time.perf_counter()
        times = asyncio.run(_clients(target, clients, seconds))
        after = busy_s(), cpu_s(process.pid), time.process_time(), beside_cpu_s(), time.perf_counter()
        busy, own, ours, beside, wall = (later - earlier for earlier, later in zip(before, after, strict=True))
        figures = {
            "rps": len(times) / wall,
            "p99": statistics.quantiles(times, n=100)[98] * 1e3,
            "cpu_us": own / len(times) * 1e6,
            "beside_us": beside / len(times) * 1e6,
            "foreign_pct": 100 * max(busy - own - ours - beside, 0.0) / wall / (os.cpu_count() or 1),
        }
        return {"target": target.name, f"c{clients}": figures, "pss_mb": memory_mb(process.pid)}
    finally:
        stop(process)


__all__ = ["Refused", "Target", "measured", "steady", "wait"]
