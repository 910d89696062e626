"""A file becomes predictions: read, answered and written at the same time, in bounded memory, no row lost."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from file_uploads.chunks import Chunk
from file_uploads.forecasting import write_forecasts
from file_uploads.matching import match_columns
from file_uploads.purchases import NOTE, as_one, reads_purchases
from file_uploads.reading import TableFile
from file_uploads.stages import in_parallel, read_ahead, write_behind
from file_uploads.writing import RejectFile, RejectLine, ResultFile, check_place, whole
from ml_services.base import Model, Progress, TableAnswer, silent
from ml_services.forecasting.model import SeriesModel
from platform_core.errors import InputInvalid, PlatformError

PREFIX = "prediction_"
EARLIER = "_earlier"
EXPLAINED_ROWS = 5_000
"""Rows at a time with reasons: their texts are a hundred times as long as the other answers."""
PLAIN_ROWS = 50_000
WORKERS = 2
"""One part is put into words under Python's lock while the boosters work on another."""


@dataclass(slots=True)
class ScoreReport:
    """What became of the rows. `rows_total` = `rows_done` + `rows_rejected`. `rejects`: where the rejected rows are
    told, None where there are none and no place was given."""

    rows_total: int = 0
    rows_done: int = 0
    rows_rejected: int = 0
    seconds: float = 0.0
    rejects: Path | None = None
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
    order, or forecasts every series of it; rows that cannot be predicted go to `rejects`, or to `<output>.rejects.csv`
    where none is given and some are.

    Values come back as they were, but for texts that a spreadsheet would run as a formula: in CSV they get an
    apostrophe before them. Raises InputInvalid, before anything is written, where the file lacks columns that the
    model needs; after any error nothing new is left behind.
    """
    started = time.perf_counter()
    beside = rejects or output.with_name(f"{output.name}.rejects.csv")
    _check_places(source.path, output, beside)
    of_purchases = reads_purchases(model, source.columns)
    whole_file = of_purchases or isinstance(model, SeriesModel)
    renamed = {} if whole_file else match_columns(source.columns, model.fields)
    report = ScoreReport(notes=[NOTE] if of_purchases else [])
    report.notes += [f"Column {theirs!r} was taken for {ours!r}." for theirs, ours in renamed.items()]
    with ExitStack() as stack:
        refused_part = stack.enter_context(whole(beside))
        results = stack.enter_context(closing(ResultFile(output, stack.enter_context(whole(output)))))
        refused = stack.enter_context(closing(RejectFile(refused_part, always=rejects is not None)))
        if isinstance(model, SeriesModel):
            write_forecasts(model, source, results, refused, report, prefix=PREFIX, progress=progress)
        else:
            _stream(model, source, renamed, results, refused, report, explain=explain, progress=progress)
        if not report.rows_total:
            raise PlatformError(f"{source.name} has no rows.")
    if rejects is not None or report.rows_rejected:
        report.rejects = beside
    else:
        beside.unlink(missing_ok=True)  # an earlier run's, about rows that are no longer rejected
    if report.rows_rejected:
        report.notes.append(f"{report.rows_rejected:,} row(s) were rejected; which and why is in {beside}.")
    report.notes += [note for note in source.notes if note not in report.notes]
    report.seconds = time.perf_counter() - started
    return report


def _check_places(source: Path, output: Path, rejects: Path) -> None:
    check_place(output)
    if not rejects.parent.is_dir() or rejects.is_dir():
        raise InputInvalid(f"Rejects cannot be written to {rejects}: name a file in a folder that exists.")
    places = {path.resolve() for path in (source, output, rejects)}
    if len(places) < 3:
        raise InputInvalid("Input, output and rejects must be three different files.")


def _stream(
    model: Model,
    source: TableFile,
    renamed: dict[str, str],
    results: ResultFile,
    refused: RejectFile,
    report: ScoreReport,
    *,
    explain: bool,
    progress: Progress,
) -> None:
    def write(part: tuple[pa.Table, list[RejectLine]]) -> None:
        results.write(part[0])
        refused.write(part[1])

    def predict(chunk: Chunk) -> TableAnswer:
        return model.answer_table(chunk.table.rename_columns(names), explain=explain)

    chunks = source.chunks(EXPLAINED_ROWS if explain else PLAIN_ROWS)
    if reads_purchases(model, source.columns):
        chunks = as_one(chunks)
    names = [renamed.get(name, name) for name in source.columns]
    with write_behind(write) as hand_over, read_ahead(chunks) as ahead:
        for chunk, answer in in_parallel(predict, ahead, WORKERS):
            hand_over(sorted_out(chunk, answer, report))
            progress("predicting", chunk.fraction, f"{report.rows_total:,} rows")


def sorted_out(chunk: Chunk, answer: TableAnswer, report: ScoreReport) -> tuple[pa.Table, list[RejectLine]]:
    """The rows to write and the lines on those rejected. Raises PlatformError where the model lost a row."""
    count, positions = chunk.table.num_rows, answer.positions
    refused = np.unique(np.fromiter((reject.position for reject in answer.rejects), np.int64))
    if not np.array_equal(np.union1d(positions, refused), np.arange(count)) or len(positions) + len(refused) != count:
        raise PlatformError(
            f"Of {count} rows the model answered {len(positions)} and rejected {len(refused)}: they do not add up."
        )
    lines = [(problem.row, problem.column, problem.value, problem.reason) for problem in chunk.problems]
    lines += [(int(chunk.rows[item.position]), item.column, item.value, item.reason) for item in answer.rejects]
    table = chunk.table if len(positions) == count else chunk.table.take(pa.array(positions))
    table = _with_answers(table, answer)
    report.rows_total += chunk.count
    report.rows_done += len(positions)
    report.rows_rejected += len(refused) + len(chunk.problems)
    return table, sorted(lines, key=lambda line: line[0])


def _with_answers(table: pa.Table, answer: TableAnswer) -> pa.Table:
    """The rows with the prediction's columns. A column of the file that bears such a name (it was scored before) gets
    a mark, so that what the name promises is always this run's."""
    fresh = {f"{PREFIX}{name}": values for name, values in answer.columns.items()}
    names: list[str] = []
    for name in table.column_names:
        own = name
        while own in fresh or (own != name and own in table.column_names):
            own += EARLIER
        names.append(own)
    table = table.rename_columns(names)
    for name, values in fresh.items():
        table = table.append_column(name, values)
    return table


__all__ = ["ScoreReport", "score_file", "sorted_out"]
