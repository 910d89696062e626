"""The kind of every column of a file, with a reason a person can check."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass

import pyarrow as pa

from ml_services.base import Field
from ml_services.column_copies import mark_copies
from ml_services.column_kinds import decide
from ml_services.column_traits import Traits
from ml_services.dates import DateStyle
from ml_services.parsing import PLAIN, NumberStyle, guess_number_style, parse_number

STYLE_COLUMNS = 200
STYLE_SPELLINGS = 50
"""Columns, and spellings of each, looked at to learn whether the file writes decimals with a comma."""
COMMA = NumberStyle(",", ".")


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """What a column of the file is used as, or why it is ignored. `kind` is number, category, yes_no, date or text
    (`used` says whether), or target, id, constant, duplicate, missing, excluded, unsupported (never used)."""

    name: str
    kind: str
    used: bool
    reason: str
    field: Field | None = None
    style: NumberStyle | DateStyle | None = None


def profile(
    table: pa.Table, *, target: str, id_column: str = "", time_column: str = "", exclude: Collection[str] = ()
) -> list[ColumnReport]:
    """One report for every column, in order."""
    roles = dict.fromkeys(exclude, "excluded") | {id_column: "id", target: "target"}
    reasons = {"excluded": "excluded as asked", "id": "the id column given", "target": "what is predicted"}
    traits = [Traits.of(name, table.column(k)) for k, name in enumerate(table.schema.names)]
    style = file_style(traits)
    reports = []
    for column in traits:
        role = roles.get(column.name, "")
        if role:
            reports.append(ColumnReport(column.name, role, False, reasons[role]))
        else:
            found = decide(column, style)
            reports.append(
                ColumnReport(column.name, found.kind, found.field is not None, found.reason, found.field, found.style)
            )
    return mark_copies(_time_settled(reports, time_column), traits)


def file_style(traits: Collection[Traits]) -> NumberStyle:
    """How the file's unmistakable number columns write decimals: decides those like `1.234` that could be either."""
    commas = dots = 0
    for column in list(traits)[:STYLE_COLUMNS]:
        if column.text:
            sample = column.spellings[:STYLE_SPELLINGS]
            if sample and parse_number(sample[0], guess_number_style(sample[:1])) is not None:
                commas += guess_number_style(sample, PLAIN).decimal == ","
                dots += guess_number_style(sample, COMMA).decimal == "."
    return COMMA if commas > dots else PLAIN


def _time_settled(reports: list[ColumnReport], time_column: str) -> list[ColumnReport]:
    """The time column is asked for only where other dates are measured from it, and is no feature itself."""
    others = any(report.used and report.kind == "date" and report.name != time_column for report in reports)
    return [
        _as_time(report, others) if report.name == time_column and report.kind not in ("target", "excluded") else report
        for report in reports
    ]


def _as_time(report: ColumnReport, others: bool) -> ColumnReport:
    if others and report.kind == "date" and report.field is not None:
        field = dataclasses.replace(report.field, required=False)
        return dataclasses.replace(report, field=field, reason="the time column: ages are measured from it")
    return dataclasses.replace(report, used=False, field=None, reason="the time column: orders the rows")
