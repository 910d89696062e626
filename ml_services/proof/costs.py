"""What a model costs to use: microseconds an answer, rows a second, megabytes."""

from __future__ import annotations

import statistics
import sys
import time
from typing import Any

import pyarrow as pa

from ml_services import schema
from ml_services.base import Model
from ml_services.packing import packed
from platform_core.errors import PlatformError

ROUNDS, SLICE_S, MOST_CALLS = 7, 0.03, 2000
BATCH_ROWS, BATCH_ROUNDS = 20_000, 3


def costs(model: Model, table: pa.Table) -> dict[str, Any]:
    """One answer to the schema's example with and without reasons (median of rounds, µs), rows a second of the file's
    own rows repeated to BATCH_ROWS, and the artifact's bytes. None where a model answers no such question."""
    model.warm()
    record = schema.example_record(model.fields)
    return {
        "answer_us": _microseconds(model, record, explain=False),
        "answer_with_reasons_us": _microseconds(model, record, explain=True),
        "batch_rows_per_second": _rows_per_second(model, table),
        "artifact_bytes": len(packed(model)),
    }


def peak_mb() -> float | None:
    """The most memory that this process has had; None where the system does not say."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10  # getrusage(2): bytes there, kilobytes on Linux
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _microseconds(model: Model, record: dict[str, Any], *, explain: bool) -> float | None:
    try:
        model.answer(record, explain=explain)
    except PlatformError:
        return None
    each = []
    for _ in range(ROUNDS):
        calls, started = 0, time.perf_counter()
        while (spent := time.perf_counter() - started) < SLICE_S and calls < MOST_CALLS:
            model.answer(record, explain=explain)
            calls += 1
        each.append(spent / calls * 1e6)
    return statistics.median(each)


def _rows_per_second(model: Model, table: pa.Table) -> float | None:
    if not table.num_rows:
        return None
    rows = pa.concat_tables([table] * -(-BATCH_ROWS // table.num_rows)).slice(0, BATCH_ROWS).combine_chunks()
    each: list[float] = []
    try:
        for _ in range(BATCH_ROUNDS):
            started = time.perf_counter()
            model.answer_table(rows, explain=False)
            each.append(rows.num_rows / (time.perf_counter() - started))
    except (PlatformError, NotImplementedError):
        return None
    return statistics.median(each)


__all__ = ["costs", "peak_mb"]
