"""From a file to encoded rows: the target read, every column judged, the encoder learned."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ml_services.base import Predictor, TrainingData, TrainingOptions
from ml_services.columns import ColumnReport, profile
from ml_services.dates import guess_date_style, parse_dates
from ml_services.encoding import Encoder
from ml_services.families import Problem
from ml_services.parsing import flat, guess_number_style, is_text, parse_numbers
from ml_services.targets import Target, read_target
from platform_core.errors import TrainingRefused

MOST_BAD_TIMES = 0.2
STYLE_SAMPLE = 2000
MOST_CELLS = 40_000_000
"""Rows x columns looked at (320 MB once encoded). Of more rows an even part is taken: no budget of minutes learns from
as many."""
TEXT_SHARE, CHARACTERS_A_SECOND = 0.15, 3_000_000
"""Of the budget, for words of free texts, and how many characters are read into words in a second."""
ENOUGH_RARER = 2_000
"""Rows of the rarer class that a part should keep, if it takes up to `MOST_TIMES` the rows."""
MOST_TIMES = 3
DECLARED_REASON = "asked for by the predictor"


@dataclass
class Prepared:
    """What training works on. `table`, `target`, `problem` and `when` have the same rows, those with a target."""

    table: pa.Table
    target: Target
    reports: list[ColumnReport]
    encoder: Encoder
    problem: Problem
    when: npt.NDArray[np.float64] | None
    notes: list[str]


def prepare(predictor: Predictor, data: TrainingData, options: TrainingOptions) -> Prepared:
    """Raises TrainingRefused where target, columns or options do not fit the file."""
    name = options.target or predictor.target
    _check_options(data.table, options)
    target = read_target(data.table, name, predictor.task, options.positive)
    table = data.table
    if target.left_out:
        table = table.take(pa.array(target.kept))
    notes = [*data.notes, *target.notes]
    if target.left_out:
        notes.append(f"{target.left_out:,} rows have no '{name}' and were left out.")
    table, target = _part(table, target, MOST_CELLS // table.num_columns, options.seed, notes)
    reports = _reports(predictor, table, target, options)
    table, target = _part(table, target, _rows_of_text(table, reports, options.budget_s), options.seed, notes)
    if not any(report.used for report in reports):
        raise TrainingRefused("No column is left to learn from: each is the target, an id, constant or excluded.")
    encoder = _encoder(predictor, reports, table, options)
    X, positions, rejects = encoder.encode_table(table)
    if len(positions) < table.num_rows:
        columns = ", ".join(f"'{c}'" for c in dict.fromkeys(reject.column for reject in rejects))
        notes.append(
            f"{table.num_rows - len(positions):,} rows were left out for cells that cannot be read: {columns}."
        )
        table = table.take(pa.array(positions))
        target = dataclasses.replace(target, y=target.y[positions], kept=target.kept[positions])
        _check_classes_left(target)
    problem = Problem(X, target.y, encoder.features, target.task, max(len(target.labels), 2))
    when = time_values(table, options.time_column) if options.time_column else None
    return Prepared(table, target, reports, encoder, problem, when, notes)


def _part(table: pa.Table, target: Target, most: int, seed: int, notes: list[str]) -> tuple[pa.Table, Target]:
    """About `most` of the rows, drawn evenly, in their order; more where the rarer class would become too rare."""
    count = table.num_rows
    if count > most:
        most = max(most, min(math.ceil(ENOUGH_RARER * count / max(target.rarer, 1)), MOST_TIMES * most))
    if count <= most:
        return table, target
    rows = np.sort(np.random.default_rng(seed).permutation(count)[:most])
    notes.append(f"{most:,} of {count:,} rows were taken, drawn evenly: more would not fit the time or the memory.")
    return table.take(pa.array(rows)), dataclasses.replace(target, y=target.y[rows], kept=target.kept[rows])


def _rows_of_text(table: pa.Table, reports: Sequence[ColumnReport], budget_s: float) -> int:
    """How many rows' free texts can be read into words within their share of the budget."""
    names = [report.name for report in reports if report.used and report.kind == "text"]
    columns = [table.column(table.schema.names.index(name)) for name in names]
    characters = sum(pc.sum(pc.utf8_length(column)).as_py() or 0 for column in columns if is_text(column.type))
    return int(TEXT_SHARE * budget_s * CHARACTERS_A_SECOND * table.num_rows / max(characters, 1))


def _check_options(table: pa.Table, options: TrainingOptions) -> None:
    asked = [*options.exclude, *options.allow_leaky, options.id_column, options.time_column]
    unknown = [name for name in asked if name and name not in table.column_names]
    if unknown and not options.declared:
        named = ", ".join(f"'{name}'" for name in unknown)
        raise TrainingRefused(f"The file has no column {named}.", attr="columns")


def _check_classes_left(target: Target) -> None:
    if target.task != "value" and min(target.counts.values()) == 0:
        raise TrainingRefused(f"Of the rows that can be read, none is left of some value of '{target.name}'.")


def _reports(predictor: Predictor, table: pa.Table, target: Target, options: TrainingOptions) -> list[ColumnReport]:
    if not options.declared:
        return profile(
            table, target=target.name, id_column=options.id_column, time_column=options.time_column,
            exclude=options.exclude,
        )  # fmt: skip
    asked = {field.name: field for field in predictor.inputs}
    return [
        ColumnReport(name, asked[name].kind, True, DECLARED_REASON, asked[name])
        if name in asked and name != target.name
        else ColumnReport(name, "target" if name == target.name else "excluded", False, "not asked for")
        for name in table.column_names
    ]


def _encoder(
    predictor: Predictor, reports: Sequence[ColumnReport], table: pa.Table, options: TrainingOptions
) -> Encoder:
    if options.declared:
        return Encoder.declared(predictor.inputs, table, time_column=options.time_column, seed=options.seed)
    return Encoder.fit(reports, table, time_column=options.time_column, seed=options.seed)


def without(prepared: Prepared, columns: Sequence[str], reason: str, options: TrainingOptions) -> None:
    """Takes columns out of what is learned from, in place; the schema no longer asks for them."""
    prepared.reports = [
        dataclasses.replace(report, used=False, kind="excluded", reason=reason) if report.name in columns else report
        for report in prepared.reports
    ]
    if not any(report.used for report in prepared.reports):
        raise TrainingRefused(
            "Every column gives the target away or is excluded; nothing is left to learn from.", attr="exclude"
        )
    prepared.encoder = Encoder.fit(prepared.reports, prepared.table, time_column=options.time_column, seed=options.seed)
    kept = [k for k, feature in enumerate(prepared.problem.features) if feature.field not in columns]
    prepared.problem = prepared.problem.only(kept)


def time_values(table: pa.Table, name: str) -> npt.NDArray[np.float64]:
    """Days or numbers by which the rows are ordered, NaN where unknown."""
    column = flat(table.column(table.schema.names.index(name)))
    sample = [text for text in column.slice(0, STYLE_SAMPLE).to_pylist() if text] if is_text(column.type) else []
    if is_text(column.type):
        readings = [
            parse_dates(column, guess_date_style(sample)),
            parse_numbers(column, guess_number_style(sample)),
        ]
    else:
        readings = [parse_dates(column), parse_numbers(column)]
    values, bad = min(readings, key=lambda reading: int(reading[1].sum()))
    if bad.mean() > MOST_BAD_TIMES or not np.isfinite(values).any():
        raise TrainingRefused(f"The time column '{name}' holds no dates or numbers.", attr="time_column")
    return values
