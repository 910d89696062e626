"""A file becomes predictions: read, answered and written at the same time, in bounded memory, no row lost."""

from __future__ import annotations

import queue
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from file_uploads.chunks import Chunk
from file_uploads.reading import TableFile
from file_uploads.writing import RejectFile, ResultFile
from ml_services.base import Field, Model, Progress, silent
from platform_core.errors import InputInvalid, PlatformError

AHEAD = 2
"""Chunks read before they are asked for: enough to keep both cores busy, few enough to bound the memory."""
PREFIX = "prediction_"


@dataclass(slots=True)
class ScoreReport:
    """What became of the rows. `rows_total` = `rows_done` + `rows_rejected`."""

    rows_total: int = 0
    rows_done: int = 0
    rows_rejected: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def rows_per_second(self) -> float:
        """Rows read for each second that the whole took."""
        return self.rows_total / self.seconds if self.seconds else 0.0


def score_file(
    model: Model,
    source: TableFile,
    output: Path,
    rejects: Path | None = None,
    *,
    explain: bool = False,
    progress: Progress = silent,
) -> ScoreReport:
    """Predicts every row of `source` into `output` (the file's own columns, then the prediction's), in the file's
    order; rows that cannot be predicted go to `rejects`, or beside the output where none is given and one is needed.

    Raises InputInvalid, before anything is written, where the file lacks columns that the model needs.
    """
    renamed = matching(source.columns, model.fields)
    report, started = ScoreReport(), time.perf_counter()
    report.notes += [f"Column {theirs!r} was taken for {ours!r}." for theirs, ours in renamed.items() if theirs != ours]
    beside = rejects or output.with_name(f"{output.name}.rejects.csv")
    with ExitStack() as stack:
        results = stack.enter_context(ResultFile(output))
        refused = stack.enter_context(RejectFile(beside))
        for chunk in _ahead(source.chunks()):
            _score(model, chunk, renamed, results, refused, report, explain)
            progress("predicting", chunk.fraction, f"{report.rows_total:,} rows")
    report.seconds = time.perf_counter() - started
    if report.rows_total != report.rows_done + report.rows_rejected:
        raise PlatformError(f"{report.rows_total} rows came in, {report.rows_done + report.rows_rejected} went out.")
    if rejects is None:
        if report.rows_rejected:
            report.notes.append(f"The rejected rows and their reasons are in {beside}.")
        else:
            beside.unlink()
    report.notes += [note for note in source.notes if note not in report.notes]
    return report


def _score(
    model: Model,
    chunk: Chunk,
    renamed: dict[str, str],
    results: ResultFile,
    refused: RejectFile,
    report: ScoreReport,
    explain: bool,
) -> None:
    table = chunk.table
    asked = table.rename_columns([renamed.get(name, name) for name in table.column_names])
    answer = model.answer_table(asked, explain=explain)
    lines = [(item.row, item.column, item.value, item.reason) for item in chunk.problems]
    lines += [(int(chunk.rows[item.position]), item.column, item.value, item.reason) for item in answer.rejects]
    for row, column, value, reason in sorted(lines, key=lambda line: line[0]):
        refused.write(row, column, value, reason)
    done = len(answer.positions)
    own = table if done == table.num_rows else table.take(pa.array(answer.positions))
    for name, values in answer.columns.items():
        own = own.append_column(_free(f"{PREFIX}{name}", own.column_names), values)
    results.write(own)
    report.rows_total += chunk.count
    report.rows_done += done
    report.rows_rejected += len({line[0] for line in lines})


def _free(name: str, taken: Sequence[str]) -> str:
    """The name, with a mark where the file has such a column of its own (it was scored before)."""
    while name in taken:
        name += "_new"
    return name


def matching(columns: Sequence[str], fields: Sequence[Field]) -> dict[str, str]:
    """The file's columns by the model's fields: the same name, else the same but for case, spaces and punctuation.
    Raises InputInvalid naming every required field that the file lacks."""
    found = {name: name for name in columns}
    free = {_folded(name): name for name in columns if name not in {field.name for field in fields}}
    lacking = []
    for one in fields:
        if one.name in found:
            continue
        theirs = free.pop(_folded(one.name), None)
        if theirs is not None:
            found[theirs] = one.name
        elif one.required:
            lacking.append(one.name)
    if lacking:
        raise InputInvalid(
            f"The file lacks {len(lacking)} column(s) that the model needs: {', '.join(lacking)}. "
            f"It has: {', '.join(columns[:50])}."
        )
    return found


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The chunks, read by a thread of their own while the one before is predicted."""
    line: queue.Queue[Chunk | BaseException | None] = queue.Queue(maxsize=AHEAD)
    stop = threading.Event()

    def put(item: Chunk | BaseException | None) -> None:
        while not stop.is_set():
            try:
                line.put(item, timeout=0.1)
                return
            except queue.Full:
                continue

    def read() -> None:
        try:
            for chunk in chunks:
                put(chunk)
                if stop.is_set():
                    return
            put(None)
        except BaseException as problem:
            put(problem)  # raised again by the thread that asked

    threading.Thread(target=read, name="reader", daemon=True).start()
    try:
        while (item := line.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()


__all__ = ["ScoreReport", "matching", "score_file"]
