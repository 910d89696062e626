"""One chunk's answers. Runs in a process of its own, which may be killed at any moment: it reads one file, writes two,
and knows nothing of the database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from file_uploads.batch import store
from file_uploads.batch.chunk_files import read_chunk
from file_uploads.reading import open_table
from file_uploads.scoring import ScoreReport, score_file, sorted_out
from file_uploads.writing import RejectFile, RejectLine, ResultFile
from ml_services.base import Model
from ml_services.pinned import Pin, model_of
from ml_services.rebuilt import Threads
from platform_core.errors import FileRefused

SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Work:
    """All that a chunk's answering needs. `place`: the job's folder in the store; `part`: the stem of what is made."""

    place: str
    number: int
    part: str
    result_format: str
    model: Pin
    mapping: dict[str, str]
    explain: bool
    whole: bool
    name: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a chunk's rows: `rows` = `done` + `rejected`."""

    rows: int
    done: int
    rejected: int
    notes: list[str]


def be_ready() -> None:
    """Nothing: a child that is asked for this has imported what answering takes, so that the first file need not wait
    for it."""


def answer(work: Work) -> Answered:
    """Writes the chunk's results and rejects. Raises PlatformError where its model or its file does not serve."""
    Threads.batch = 1  # there are as many children as cores: two threads of each would wait for one another
    model = model_of(work.model)
    results, rejects = f"{work.part}.{work.result_format}", f"{work.part}.rejects.csv"
    with (
        store.writing(work.place + results) as result_place,
        store.writing(work.place + rejects) as reject_place,
    ):
        if work.whole:
            return _whole(model, work, result_place, reject_place)
        return _chunk(model, work, result_place, reject_place)


def set_aside(work: Work, reason: str) -> Answered:
    """Rejects every row of a chunk that cannot be answered, with the reason."""
    with store.reading(work.place + store.chunk_name(work.number)) as path:
        chunk = read_chunk(path)
    lines: list[RejectLine] = [(int(row), "", "", reason) for row in chunk.rows]
    lines += [(problem.row, problem.column, problem.value, problem.reason) for problem in chunk.problems]
    with store.writing(f"{work.place}{work.part}.rejects.csv") as place:
        _write_rejects(place, sorted(lines, key=lambda line: line[0]))
    return Answered(chunk.count, 0, chunk.count, [])


def _chunk(model: Model, work: Work, result_place: Path, reject_place: Path) -> Answered:
    with store.reading(work.place + store.chunk_name(work.number)) as path:
        chunk = read_chunk(path)
    report = ScoreReport()
    named = chunk.table.rename_columns([work.mapping.get(name, name) for name in chunk.table.column_names])
    table, lines = sorted_out(chunk, model.answer_table(named, explain=work.explain), report)
    results = ResultFile(result_place.with_suffix(f".{work.result_format}"), result_place)
    try:
        results.write(table)
    finally:
        results.close()
    _write_rejects(reject_place, lines)
    return Answered(report.rows_total, report.rows_done, report.rows_rejected, report.notes)


def _whole(model: Model, work: Work, result_place: Path, reject_place: Path) -> Answered:
    made = result_place.with_name(f"{result_place.name}.{work.result_format}")
    with store.reading(work.place + store.INPUT) as path:
        source = open_table(path, declared_name=work.name, max_bytes=None)
        try:
            report = score_file(model, source, made, reject_place.with_suffix(".csv"), explain=work.explain)
        except FileRefused as refused:
            if isinstance(refused.__context__, OSError):  # a full disk: it is not the file that is wrong
                raise refused.__context__ from None
            raise
    made.replace(result_place)
    reject_place.with_suffix(".csv").replace(reject_place)
    notes = [note for note in report.notes if str(reject_place.parent) not in note]
    return Answered(report.rows_total, report.rows_done, report.rows_rejected, notes)


def _write_rejects(place: Path, lines: list[RejectLine]) -> None:
    rejects = RejectFile(place, always=True)
    try:
        rejects.write(lines)
    finally:
        rejects.close()


__all__ = ["Answered", "Work", "answer", "be_ready", "set_aside"]
